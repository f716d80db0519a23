import KerasGraph

extension TransposedConvolutionOperation {
  /// A convolution of the positions, strides apart, with the kernel turned around.
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let hlo = node.hlo
    let (positions, kernel) = node.factors
    let (rank, lengths) = (window.rank, kernel.lengths)
    let padding = window.transposedPadding(image: node.output.lengths, positions: positions.lengths)
    let reverses = breaksSimplifier(positions.lengths, padding)
    let turned = reverses ? kernel : hlo.reverse(kernel, axes: Array(0..<rank))
    // [window…, channels of a group, filters] to [window…, filters of a group, channels]
    let (channels, filters) = (lengths[rank], lengths[rank + 1] / groups)
    let split = hlo.reshape(turned, to: window.size + [channels, groups, filters])
    let swapped = hlo.transpose(split, Array(0..<rank) + [rank + 2, rank + 1, rank])
    let joined = hlo.reshape(swapped, to: window.size + [filters, groups * channels])
    let sum = hlo.convolution(
      positions, joined, HLOSpec(node.output.lengths, positions.type), precision: node.graph.precision,
      HLOConvolution(
        strides: window.size.map { _ in 1 },
        padding: padding, imageDilations: window.strides, kernelDilations: window.dilations,
        isReversed: reverses, groups: groups))
    return [hlo.convert(sum, to: node.output.type)]
  }

  /// Whether XLA's simplifier (`SwapConvOperands`, for CPUs) would take windows of 2, 2 apart, for groups, while another
  /// axis makes it exchange image and kernel: it then ends the process. It leaves alone what reverses by itself.
  private func breaksSimplifier(_ positions: [Int], _ padding: [(Int, Int)]) -> Bool {
    let likeGroups = (0..<window.rank).filter {
      window.size[$0] == 2 && window.strides[$0] == 2 && window.dilations[$0] == 1 && padding[$0] == (0, 0)
    }
    return likeGroups.contains { positions[$0 + 1] != 2 } && likeGroups.count < window.rank
  }
}
