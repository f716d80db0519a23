import KerasGraph

extension Model {
  /// Tensors as the model's inputs want them, converted where Keras converts: to the input's element type, and by a
  /// last axis of length 1 that is missing or too many.
  ///
  /// - Parameter ofAnyCount: whether a fixed batch size may be another here.
  /// - Returns: the inputs and the number of samples.
  /// - Throws: `shapeMismatch` that says what is wrong and what to do.
  package func fitted(_ x: [Tensor], ofAnyCount: Bool = false) throws(KerasError) -> (x: [Tensor], count: Int) {
    guard inputs.isEmpty ? !x.isEmpty : x.count == inputs.count else {
      let wanted = inputs.count == 1 ? "1 input tensor" : "\(inputs.count) input tensors"
      throw KerasError(.shapeMismatch, "Expected \(wanted), found \(x.count).", path: [name])
    }
    var fitted = x
    for (position, input) in inputs.enumerated() {
      var shape = input.shape
      if ofAnyCount, shape.rank > 0 { shape[0] = nil }
      let tensor = try x[position].withRank(of: shape)
      guard tensor.rank > 0, shape.accepts(tensor.shape) else {
        let mismatch = ShapeMismatch(expected: shape, found: x[position].shape)
        throw KerasError(
          .shapeMismatch, mismatch.what, path: [name, input.origin?.layer.name ?? "input"],
          remedy: mismatch.remedy)
      }
      fitted[position] = tensor.converted(to: input.dataType)
    }
    guard fitted.allSatisfy({ $0.rank > 0 }) else {
      throw KerasError(.shapeMismatch, "Inputs need a batch axis, found \(x.map(\.spec)).", path: [name])
    }
    let counts = Set(fitted.map { $0.shape[0] })
    guard counts.count == 1, let count = counts.first else {
      throw KerasError(
        .shapeMismatch, "All inputs must have the same first length, found \(counts.sorted()).", path: [name])
    }
    return (fitted, count)
  }

  /// The number of samples that one of the inputs fixes for every batch.
  var fixedBatchSize: Int? { inputs.lazy.compactMap { $0.shape.first ?? nil }.first }
}

extension Tensor {
  /// The same elements with a last axis of length 1 more or less, where that makes the rank, as Keras has it.
  fileprivate func withRank(of wanted: Shape) throws(KerasError) -> Tensor {
    var lengths = shape
    if rank == wanted.rank + 1, lengths.last == 1 { lengths.removeLast() }
    if rank == wanted.rank - 1, wanted.last == 1 { lengths.append(1) }
    return lengths != shape && wanted.accepts(lengths) ? try reshaped(to: lengths) : self
  }
}

/// What is wrong with the shape of an input, and what a person can do about it.
struct ShapeMismatch {
  let expected: Shape
  let found: [Int]

  var what: String { "Expected \(expected), found \(Shape(found)): \(explanation.what)." }
  var remedy: String { explanation.remedy }

  private var explanation: (what: String, remedy: String) {
    if expected.rank > 0, found.count == expected.rank - 1, Shape(Array(expected.dropFirst())).accepts(found) {
      return (
        "the batch axis is missing", "a single sample is a batch of one: reshaped(to: \([1] + found))."
      )
    }
    guard found.count == expected.rank else {
      let axes = expected.rank == 1 ? "1 axis" : "\(expected.rank) axes"
      return (
        "it has \(found.count) instead of \(axes), of which the first is the batch",
        "bring the samples into the shape \(sample)."
      )
    }
    return channelOrder ?? channelCount ?? length
  }

  /// Of a sample, without the batch.
  private var sample: String { "\(Shape(Array(expected.dropFirst())))" }

  /// Whether the batch and its samples have another order of axes.
  private var channelOrder: (what: String, remedy: String)? {
    let rank = expected.rank
    guard rank > 2 else { return nil }
    let moves = [
      ("the channels stand first, and the model has them last", [0] + Array(2..<rank) + [1]),
      ("the channels stand last, and the model has them first", [0, rank - 1] + Array(1..<rank - 1)),
    ]
    // A model for images of any size would take either as a size.
    for (what, order) in moves where rank > 3 && expected.accepts(order.map { found[$0] }) {
      return (what, "move that axis: Ops.transpose(x, axes: \(order)).")
    }
    return nil
  }

  /// Whether pictures have another number of channels, and nothing else is wrong.
  private var channelCount: (what: String, remedy: String)? {
    guard expected.rank == 4 else { return nil }
    func isCount(_ length: Int?) -> Bool { length.map { $0 <= 4 } ?? false }
    let axis = isCount(expected[1]) && !isCount(expected[3]) ? 1 : 3
    var others = expected
    others[axis] = nil
    guard let wanted = expected[axis], others.accepts(found) else { return nil }
    switch (wanted, found[axis]) {
    case (3, 1):
      return (
        "the model is for RGB, and these are grey",
        "load the pictures in colour, or repeat the channel three times."
      )
    case (1, 3):
      return ("the model is for grey pictures, and these are RGB", "load the pictures in grey.")
    case (3, 4):
      return ("the model is for RGB, and these have a fourth channel", "leave the last channel (alpha) out.")
    default:
      return ("it has \(found[axis]) channels instead of \(wanted)", "give samples of the shape \(sample).")
    }
  }

  private var length: (what: String, remedy: String) {
    let axes = found.indices.filter { expected[$0] != nil && expected[$0] != found[$0] }
    if axes == [0] {
      return (
        "the model computes batches of exactly \(expected[0] ?? 0)", "use predict, with a multiple of that."
      )
    }
    let differences = axes.map { "axis \($0) has the length \(found[$0]) instead of \(expected[$0] ?? 0)" }
    let isPicture = expected.rank == 4 && axes.allSatisfy { (1...2).contains($0) }
    func size(_ axis: Int) -> String { expected[axis].map(String.init) ?? "any" }
    return (
      differences.joined(separator: ", "),
      isPicture
        ? "resize the pictures to \(size(1)) × \(size(2))." : "give samples of the shape \(sample)."
    )
  }
}
