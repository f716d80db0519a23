import KerasGraph

extension PoolingOperation {
  /// The maximum or the average of the elements under the window; padding does not count.
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (hlo, x) = (node.hlo, node.inputs[0])
    switch kind {
    case .maximum:
      return [hlo.reduce(x, under: window, "maximum", from: hlo.lowest(x.type), to: node.output)]
    case .average:
      let sum = hlo.reduce(x, under: window, "add", from: hlo.constant(0, x.type), to: node.output)
      return [hlo.divide(sum, hlo.elementCounts(under: window, over: x.spec, at: node.output))]
    }
  }
}

extension HLOWriter {
  /// `stablehlo.function` over what a window over the spatial axes sees at each place.
  ///
  /// - Parameter start: a scalar that changes nothing, which stands for padding.
  func reduce(
    _ x: HLOValue, under window: Window, _ function: String, from start: HLOValue, to result: HLOSpec
  ) -> HLOValue {
    func all(_ values: [Int]) -> String { ([1] + values + [1]).map(String.init).joined(separator: ", ") }
    let padding = ([AxisPadding.none] + window.padding + [.none])
      .map { "[\($0.before), \($0.after)]" }.joined(separator: ", ")
    let text = region([start.spec, start.spec]) { [binary(function, $0[0], $0[1])] }
    return append(
      "\"stablehlo.reduce_window\"(\(x.name), \(start.name)) <{window_dimensions = array<i64: \(all(window.size))>, window_strides = array<i64: \(all(window.strides))>, window_dilations = array<i64: \(all(window.dilations))>, padding = dense<[\(padding)]> : tensor<\(x.rank)x2xi64>}> (\(text)) : (\(x.spec), \(start.spec)) -> \(result)",
      result)
  }

  /// How many elements, padding left out, the window sees at each place of `result`.
  func elementCounts(under window: Window, over image: HLOSpec, at result: HLOSpec) -> HLOValue {
    var product: HLOValue?
    for axis in 0..<window.rank {
      let counts = (0..<result.lengths[axis + 1]).map { place in
        (0..<window.size[axis]).count { tap in
          let position = place * window.strides[axis] + tap * window.dilations[axis] - window.padding[axis].before
          return (0..<image.lengths[axis + 1]).contains(position)
        }
      }
      let factor =
        Set(counts).count == 1
        ? constant(Double(counts[0]), result.type, result.lengths)
        : broadcast(
          convert(integers(counts, .i32), to: result.type), to: result.lengths, dimensions: [axis + 1])
      product = product.map { multiply($0, factor) } ?? factor
    }
    return product ?? constant(1, result.type, result.lengths)
  }
}
