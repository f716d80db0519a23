import KerasCore

extension Layers {
  /// Keras 1 had one class for all, with a mode.
  static func mergeOfKeras1(_ settings: Configuration) throws(KerasError) -> Layer {
    let name = settings.name
    let (concatAxis, dotAxes) = (try settings.integer("concat_axis", default: -1), settings.value("dot_axes"))
    func dot(normalizes: Bool) throws(KerasError) -> Merge {
      // One axis for both, or a list for each tensor.
      let axes = dotAxes?.array?.compactMap { ($0[0] ?? $0).integer } ?? []
      return Dot(
        axes.count == 2 ? axes : [try settings.integer("dot_axes", default: -1)], normalizes: normalizes,
        name: name)
    }
    switch try settings.string("mode", default: "sum") {
    case "sum": return Add(name: name)
    case "mul": return Multiply(name: name)
    case "ave": return Average(name: name)
    case "max": return Maximum(name: name)
    case "concat": return Concatenate(axis: concatAxis, name: name)
    case "dot": return try dot(normalizes: false)
    case "cos": return try dot(normalizes: true)
    case let mode:
      throw settings.wrong("mode", "one of sum, mul, ave, max, concat, dot, cos", .string(mode))
    }
  }
}
