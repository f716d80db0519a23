import KerasGraph

extension ConvolutionOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (image, kernel) = node.factors
    let spatial = window.size.indices.map(String.init).joined(separator: ", ")
    let sum = node.hlo.convolution(
      image, kernel, HLOSpec(node.output.lengths, image.type), precision: node.graph.precision,
      HLOConvolution(
        strides: window.strides, padding: window.padding.map { ($0.before, $0.after) },
        kernelDilations: window.dilations, groups: groups,
        axes: node.kernelStartsWithFilters
          ? ("b, \(spatial), f", "o, \(spatial), i", "b, \(spatial), f") : nil))
    return [epilogue.lower(sum, node)]
  }
}

/// The settings of a convolution as StableHLO has them; axes are `[batch, spatial…, features]` and
/// `[spatial…, inputs, outputs]` where nothing else is said.
struct HLOConvolution {
  var strides: [Int]
  /// Before and after each spatial axis; negative numbers cut.
  var padding: [(Int, Int)]
  /// What is put between the elements of the image, plus 1.
  var imageDilations: [Int]?
  var kernelDilations: [Int]
  /// Whether the kernel is read from its end, along every spatial axis.
  var isReversed = false
  var groups = 1
  /// Groups of the batch, each of which meets its own filters.
  var batchGroups = 1
  /// Which axis is which in the image, the kernel and the result: `b`, `f`, `i`, `o`, and spatial ones by number.
  var axes: (image: String, kernel: String, result: String)?
}

extension HLOWriter {
  func convolution(
    _ image: HLOValue, _ kernel: HLOValue, _ result: HLOSpec, precision: ProductPrecision,
    _ settings: HLOConvolution
  ) -> HLOValue {
    let spatial = settings.strides.indices.map(String.init).joined(separator: ", ")
    let axes = settings.axes ?? ("b, \(spatial), f", "\(spatial), i, o", "b, \(spatial), f")
    let padding = settings.padding.map { "[\($0.0), \($0.1)]" }.joined(separator: ", ")
    let imageDilations = settings.imageDilations.map { ", lhs_dilate = \($0)" } ?? ""
    let reversal = settings.isReversed ? ", reverse = \(settings.strides.map { _ in true })" : ""
    let name = precision.name(for: image.type)
    return append(
      "stablehlo.convolution(\(image.name), \(kernel.name)) dim_numbers = [\(axes.image)]x[\(axes.kernel)]->[\(axes.result)], window = {stride = \(settings.strides), pad = [\(padding)]\(imageDilations), rhs_dilate = \(settings.kernelDilations)\(reversal)} {batch_group_count = \(settings.batchGroups) : i64, feature_group_count = \(settings.groups) : i64, precision_config = [#stablehlo<precision \(name)>, #stablehlo<precision \(name)>]} : (\(image.spec), \(kernel.spec)) -> \(result)",
      result)
  }
}
