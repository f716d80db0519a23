import KerasGraph

extension PoolingGradientOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (hlo, image, upstream) = (node.hlo, node.inputs[0], node.inputs[1])
    switch kind {
    case .average:
      let share = hlo.divide(upstream, hlo.elementCounts(under: window, over: image.spec, at: upstream.spec))
      return [hlo.spread(share, under: window, to: node.output)]
    case .maximum:
      let places = hlo.firstMaxima(of: image, under: window, at: upstream.spec.lengths)[1]
      return [hlo.send(upstream, to: places, under: window, node.output)]
    }
  }
}

extension PoolingSelectionOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (judge, x) = (node.inputs[0], node.inputs[1])
    return [node.hlo.firstMaxima(of: judge, with: [x], under: window, at: node.output.lengths)[2]]
  }
}

extension HLOWriter {
  /// Each window's largest element, the pixel of the first such (a number among those of its channel), and what stands
  /// there in `others`; a NaN is larger than any number.
  fileprivate func firstMaxima(
    of image: HLOValue, with others: [HLOValue] = [], under window: Window, at lengths: [Int]
  ) -> [HLOValue] {
    let values = [image, pixels(of: image.lengths)] + others
    // Padding stands behind every pixel.
    let starts = [lowest(image.type), highest(.i32)] + others.map { constant(0, $0.type) }
    return reduce(
      values, under: HLOWindow(window), from: starts, to: values.map { HLOSpec(lengths, $0.type) }
    ) { best, next in
      let (bestIsNaN, nextIsNaN) = (compare("NE", best[0], best[0]), compare("NE", next[0], next[0]))
      let isLarger = binary(
        "or", compare("GT", next[0], best[0]), binary("and", nextIsNaN, unary("not", bestIsNaN)))
      let isEqual = binary("or", compare("EQ", next[0], best[0]), binary("and", nextIsNaN, bestIsNaN))
      let isTaken = binary("or", isLarger, binary("and", isEqual, compare("LT", next[1], best[1])))
      return zip(next, best).map { select(isTaken, $0, $1) }
    }
  }

  /// The number of each pixel, in every image and channel from 0.
  private func pixels(of image: [Int]) -> HLOValue {
    let spatial = Array(image.dropFirst().dropLast())
    let numbers = reshape(iota([spatial.reduce(1, *)], axis: 0, .i32), to: spatial)
    return broadcast(numbers, to: image, dimensions: Array(1..<image.count - 1))
  }

  /// The gradient of a sum under a window: every pixel gathers what all windows over it hold.
  fileprivate func spread(_ upstream: HLOValue, under window: Window, to image: HLOSpec) -> HLOValue {
    let zero = constant(0, image.type)
    return reduce(
      [upstream], under: HLOWindow(transposing: window, image: image.lengths, positions: upstream.lengths),
      from: [zero], to: [image]
    ) { [add($0[0], $1[0])] }[0]
  }

  /// Every window's number, added to the pixel it names.
  fileprivate func send(
    _ upstream: HLOValue, to places: HLOValue, under window: Window, _ image: HLOSpec
  ) -> HLOValue {
    let taps = window.size.reduce(1, *)
    guard taps <= 64 else {
      func flat(_ value: HLOValue) -> HLOValue {
        let lengths = value.lengths
        return reshape(
          value, to: [lengths[0], lengths[1..<value.rank - 1].reduce(1, *), lengths[value.rank - 1]])
      }
      let pixels = [
        image.lengths[0], image.lengths[1..<image.rank - 1].reduce(1, *), image.lengths[image.rank - 1],
      ]
      let sum = scatterAdd(
        flat(upstream), at: flat(places), axis: 1, .elements, to: HLOSpec(pixels, image.type))
      return reshape(sum, to: image.lengths)
    }
    // Tap by tap, always in the same order: what each window sends through it, put where the tap stands.
    let numbers = subtract(
      places, firstPixels(under: window, image: image.lengths, positions: places.lengths))
    let zeros = constant(0, upstream.type, upstream.lengths)
    var sum: HLOValue?
    for number in 0..<taps {
      let tap = Self.position(number, in: window.size)
      let distance = zip(tap, window.dilations).map { $0 * $1 }
      let isChosen = compare("EQ", numbers, Double(Self.number(distance, in: image.lengths)))
      let part = select(isChosen, upstream, zeros)
      let placed = put(part, at: zip(distance, window.padding).map { $0 - $1.before }, window.strides, image)
      sum = sum.map { add($0, placed) } ?? placed
    }
    return sum ?? constant(0, image.type, image.lengths)
  }

  /// The number of the pixel under each window's first tap, counted on where that is over padding.
  private func firstPixels(under window: Window, image: [Int], positions: [Int]) -> HLOValue {
    let before = Self.number(window.padding.map(\.before), in: image)
    var sum = integer(-before, .i32, positions)
    for axis in 0..<window.rank {
      let step = image[(axis + 2)..<image.count - 1].reduce(window.strides[axis], *)
      sum = add(sum, binary("multiply", iota(positions, axis: axis + 1, .i32), Double(step)))
    }
    return sum
  }

  /// Elements `strides` apart from `starts` on, in zeros of the image's lengths; what lies outside is cut.
  private func put(_ x: HLOValue, at starts: [Int], _ strides: [Int], _ image: HLOSpec) -> HLOValue {
    let ends = starts.indices.map { axis in
      image.lengths[axis + 1] - starts[axis] - (x.lengths[axis + 1] - 1) * strides[axis] - 1
    }
    return pad(
      x, with: constant(0, x.type), low: [0] + starts + [0], high: [0] + ends + [0],
      interior: [0] + strides.map { $0 - 1 } + [0])
  }

  /// Where element `number` of a box stands.
  private static func position(_ number: Int, in lengths: [Int]) -> [Int] {
    var rest = number
    var position: [Int] = []
    for length in lengths.reversed() {
      position.insert(rest % length, at: 0)
      rest /= length
    }
    return position
  }

  /// The number of the pixel at a place.
  private static func number(_ place: [Int], in image: [Int]) -> Int {
    zip(place, image.dropFirst()).reduce(0) { $0 * $1.1 + $1.0 }
  }
}
