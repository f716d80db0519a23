import KerasCore

extension Layers {
  /// The classes of this folder.
  static let mergingRows: [Row] = [
    Row("Add", Add.init(_:)),
    Row("Subtract", Subtract.init(_:)),
    Row("Multiply", Multiply.init(_:)),
    Row("Average", Average.init(_:)),
    Row("Maximum", Maximum.init(_:)),
    Row("Minimum", Minimum.init(_:)),
    Row("Concatenate", Concatenate.init(_:)),
    Row("Dot", Dot.init(_:)),
    Row("Merge", mergeOfKeras1),
  ]

  /// Keras 1 had one class for all, with a mode.
  private static func mergeOfKeras1(_ settings: Configuration) throws(KerasError) -> Layer {
    let layer = try merge(settings)
    layer.hasOldMasks = true
    return layer
  }

  private static func merge(_ settings: Configuration) throws(KerasError) -> Merge {
    settings.ignore(
      "node_indices", "tensor_indices", "output_shape", "output_shape_type", "mode_type", "output_mask",
      "output_mask_type", "layers", "arguments")
    let name = settings.name
    let (concatAxis, dotAxes) = (try settings.integer("concat_axis", default: -1), settings.value("dot_axes"))
    func dot(normalizes: Bool) throws(KerasError) -> Merge {
      // One axis for both, or a list for each tensor.
      let axes = dotAxes?.array?.map { $0[0] ?? $0 }
      guard let axes, axes.count == 2, let first = axes[0].integer, let second = axes[1].integer else {
        let axis = try settings.integer("dot_axes", default: -1)
        return Dot(axes: axis, normalizes: normalizes, name: name)
      }
      return Dot(axes: (first, second), normalizes: normalizes, name: name)
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
