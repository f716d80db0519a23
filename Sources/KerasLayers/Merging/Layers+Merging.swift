import KerasCore

extension Layers {
  /// The classes of this folder.
  static let mergingRows: [Row] = [
    Row("Add") { Add(name: $0) },
    Row("Subtract") { Subtract(name: $0) },
    Row("Multiply") { Multiply(name: $0) },
    Row("Average") { Average(name: $0) },
    Row("Maximum") { Maximum(name: $0) },
    Row("Minimum") { Minimum(name: $0) },
    Row("Concatenate") { Concatenate(name: $0) },
    Row("Dot") { Dot([], name: $0) },
    Row("Merge", merge),
  ]

  /// Keras 1 had one class for all, with a mode.
  private static func merge(_ settings: Configuration) throws(KerasError) -> Layer {
    settings.ignore(
      "node_indices", "tensor_indices", "output_shape", "output_shape_type", "mode_type", "output_mask",
      "output_mask_type", "layers", "arguments")
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
