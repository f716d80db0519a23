import KerasGraph

extension ConvolutionKernelGradientOperation {
  /// A convolution of the image with what came back, in which batch and features change places: what was a distance
  /// between windows is one between the elements of the kernel, and the other way round.
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let hlo = node.hlo
    let (image, upstream) = node.factors
    let spatial = window.size.indices.map(String.init).joined(separator: ", ")
    let padding = (0..<window.rank).map { axis in
      let (before, length) = (window.padding[axis].before, image.lengths[axis + 1])
      let reach = (upstream.lengths[axis + 1] - 1) * window.strides[axis] + window.extent(axis)
      return (before, reach - length - before)
    }
    let sum = hlo.convolution(
      image, upstream, HLOSpec(node.output.lengths, image.type), precision: node.graph.precision,
      HLOConvolution(
        strides: window.dilations, padding: padding, kernelDilations: window.strides, batchGroups: groups,
        axes: ("f, \(spatial), b", "i, \(spatial), o", "\(spatial), b, f")))
    return [hlo.convert(sum, to: node.output.type)]
  }
}
