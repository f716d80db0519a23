import KerasGraph

extension TransposedConvolutionOperation {
  /// A convolution of the positions, strides apart, with the kernel turned around.
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let hlo = node.hlo
    let (positions, kernel) = node.factors
    let (rank, lengths) = (window.rank, kernel.lengths)
    let turned = hlo.reverse(kernel, axes: Array(0..<rank))
    // [window…, channels of a group, filters] to [window…, filters of a group, channels]
    let (channels, filters) = (lengths[rank], lengths[rank + 1] / groups)
    let split = hlo.reshape(turned, to: window.size + [channels, groups, filters])
    let swapped = hlo.transpose(split, Array(0..<rank) + [rank + 2, rank + 1, rank])
    let joined = hlo.reshape(swapped, to: window.size + [filters, groups * channels])
    let sum = hlo.convolution(
      positions, joined, HLOSpec(node.output.lengths, positions.type), precision: node.graph.precision,
      HLOConvolution(
        strides: window.size.map { _ in 1 },
        padding: window.transposedPadding(image: node.output.lengths, positions: positions.lengths),
        imageDilations: window.strides, kernelDilations: window.dilations, groups: groups))
    return [hlo.convert(sum, to: node.output.type)]
  }
}
