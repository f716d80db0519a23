import KerasGraph

/// Which inputs each output of a locally connected layer sees, along each spatial axis.
struct LocalConnections: Hashable, Sendable {
  /// Lengths of the spatial axes.
  let inputs: [Int]
  let outputs: [Int]
  /// For each axis and output position, the input positions it sees.
  let ranges: [[Range<Int>]]

  /// - Throws: `shapeMismatch` when no window fits, `invalidArgument` for sizes that make no sense or are too large to
  ///   list.
  init(inputs: [Int], kernelSize: [Int], strides: [Int], padding: ConvolutionPadding) throws(KerasError) {
    try ConvolutionPadding.check(size: kernelSize, strides: strides, dilations: kernelSize.map { _ in 1 })
    let window = Window(kernelSize, strides: strides)
    var (outputs, ranges): ([Int], [[Range<Int>]]) = ([], [])
    for (axis, length) in inputs.enumerated() {
      try require(
        (1..<1 << 20).contains(length),
        "Locally connected layers take axes of 1 to 2^20 − 1 elements, found \(length).")
      let (size, stride) = (kernelSize[axis], strides[axis])
      let count =
        padding == .same
        ? (length + stride - 1) / stride : try window.positions(axis, over: length) ?? 0
      outputs.append(count)
      // With padding `same`, windows are centred on the steps of the stride; a convolution's are not.
      let reach = padding == .same ? size / 2 : 0
      ranges.append(
        (0..<count).map { position in
          let start = position * stride - reach
          return max(start, 0)..<min(start + size, length)
        })
    }
    (self.inputs, self.outputs, self.ranges) = (inputs, outputs, ranges)
  }

  /// The number of pairs of an input and an output position that see each other; nil when that is beyond 2^31.
  var pairCount: Int? {
    let counts = ranges.map { $0.reduce(0) { $0 + $1.count } }
    return checkedElementCount(counts).flatMap { $0 < 1 << 31 ? $0 : nil }
  }

  /// Calls `body` with each output position and its inputs, as numbers in row-major order; inputs ascend.
  func forEachOutput(_ body: (_ output: Int, _ inputs: [Int]) -> Void) {
    var position = outputs.map { _ in 0 }
    for output in 0..<elementCountOf(outputs) {
      var seen = [0]
      for axis in inputs.indices {
        let range = ranges[axis][position[axis]]
        seen = seen.flatMap { outer in range.map { outer * inputs[axis] + $0 } }
      }
      body(output, seen)
      // The next position, the last axis fastest.
      for axis in outputs.indices.reversed() {
        position[axis] += 1
        if position[axis] < outputs[axis] { break }
        position[axis] = 0
      }
    }
  }
}
