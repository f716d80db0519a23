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

/// How a window slides in `stablehlo.reduce_window`: over the spatial axes of `[batch, spatial…, channels]`.
struct HLOWindow {
  var size, strides, dilations: [Int]
  /// Before and after each spatial axis.
  var padding: [(Int, Int)]
  /// What is put between the elements of the image, plus 1.
  var imageDilations: [Int]

  init(_ window: Window) {
    (size, strides, dilations) = (window.size, window.strides, window.dilations)
    padding = window.padding.map { ($0.before, $0.after) }
    imageDilations = window.size.map { _ in 1 }
  }

  /// The windows over positions that a pixel of the image is under.
  init(transposing window: Window, image: [Int], positions: [Int]) {
    (size, dilations) = (window.size, window.dilations)
    strides = window.size.map { _ in 1 }
    imageDilations = window.strides
    padding = window.transposedPadding(image: image, positions: positions)
  }
}

extension Window {
  /// What surrounds the positions, strides apart, so that the window back over them has the image's lengths.
  func transposedPadding(image: [Int], positions: [Int]) -> [(Int, Int)] {
    (0..<rank).map { axis in
      let low = extent(axis) - 1 - padding[axis].before
      let dilated = (positions[axis + 1] - 1) * strides[axis] + 1
      return (low, image[axis + 1] + extent(axis) - 1 - dilated - low)
    }
  }
}

extension HLOWriter {
  /// `stablehlo.function` over what a window sees at each place.
  ///
  /// - Parameter start: a scalar that changes nothing, which stands for padding.
  func reduce(
    _ x: HLOValue, under window: Window, _ function: String, from start: HLOValue, to result: HLOSpec
  ) -> HLOValue {
    reduce([x], under: HLOWindow(window), from: [start], to: [result]) { [binary(function, $0[0], $1[0])] }[0]
  }

  /// Several tensors of the same lengths, reduced together under a window.
  ///
  /// - Parameter body: takes what has gathered so far, then one element of each, all scalars; gives the former anew.
  func reduce(
    _ values: [HLOValue], under window: HLOWindow, from starts: [HLOValue], to results: [HLOSpec],
    _ body: ([HLOValue], [HLOValue]) -> [HLOValue]
  ) -> [HLOValue] {
    func all(_ lengths: [Int]) -> String { array([1] + lengths + [1]) }
    let padding = ([(0, 0)] + window.padding + [(0, 0)]).map { "[\($0.0), \($0.1)]" }.joined(separator: ", ")
    let text = region(starts.map(\.spec) + starts.map(\.spec)) { arguments in
      body(Array(arguments.prefix(values.count)), Array(arguments.suffix(values.count)))
    }
    let operands = values + starts
    let specs = results.map(\.description).joined(separator: ", ")
    return append(
      "\"stablehlo.reduce_window\"(\(operands.names)) <{base_dilations = \(all(window.imageDilations)), padding = dense<[\(padding)]> : tensor<\(values[0].rank)x2xi64>, window_dilations = \(all(window.dilations)), window_dimensions = \(all(window.size)), window_strides = \(all(window.strides))}> (\(text)) : (\(operands.specs)) -> (\(specs))",
      results)
  }

  /// How many elements, padding left out, the window sees at each place of `result`.
  func elementCounts(under window: Window, over image: HLOSpec, at result: HLOSpec) -> HLOValue {
    var product: HLOValue?
    for axis in 0..<window.rank {
      let counts = (0..<result.lengths[axis + 1]).map { place in
        (0..<window.size[axis]).count { tap in
          let position =
            place * window.strides[axis] + tap * window.dilations[axis] - window.padding[axis].before
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
