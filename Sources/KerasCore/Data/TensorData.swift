/// Samples in memory, cut into batches; the last one holds what is left.
public struct TensorData: DataSource {
  public let inputs: [Tensor]
  public let targets: [Tensor]
  public let sampleWeights: [Tensor]
  public let batchSize: Int
  /// Decides the order of samples in every epoch; nil for the order they have.
  public let shuffleSeed: UInt64?
  /// How many samples there are.
  public let count: Int

  /// - Parameters:
  ///   - inputs: `[samples, …]`, one for each input of the model.
  ///   - targets: one for each output that has a loss.
  ///   - sampleWeights: for all outputs, or one for each; empty for weights of 1.
  /// - Throws: `shapeMismatch` where their numbers of samples differ, naming them; `invalidArgument` for a batch size
  ///   below 1.
  public init(
    _ inputs: [Tensor], _ targets: [Tensor], sampleWeights: [Tensor] = [], batchSize: Int = 32,
    shuffleSeed: UInt64? = nil
  ) throws(KerasError) {
    try require(
      batchSize > 0, .invalidArgument, "A batch holds at least one sample, found batch size \(batchSize).")
    guard let count = inputs.first?.shape.first else {
      throw KerasError(.shapeMismatch, "Training needs at least one input, with a batch axis.")
    }
    let named =
      Self.named(inputs, "input") + Self.named(targets, "target")
      + Self.named(sampleWeights, "sample weights")
    for (name, tensor) in named where tensor.shape.first != count {
      throw KerasError(
        .shapeMismatch,
        "Expected \(count) samples, as in input 0, found a tensor of shape \(Shape(tensor.shape)).",
        path: [name])
    }
    self.inputs = inputs
    self.targets = targets
    self.sampleWeights = sampleWeights
    self.batchSize = batchSize
    self.shuffleSeed = shuffleSeed
    self.count = count
  }

  private static func named(_ tensors: [Tensor], _ what: String) -> [(String, Tensor)] {
    tensors.enumerated().map { ("\(what) \($0.offset)", $0.element) }
  }

  public var batchCount: Int? { count == 0 ? 0 : (count - 1) / batchSize + 1 }

  public func batches(inEpoch epoch: Int) throws(KerasError) -> BatchStream {
    let order = shuffleSeed.map { shuffled(count, seed: $0, stream: UInt64(epoch)) }
    var start = 0
    return BatchStream { () throws(KerasError) in
      guard start < count else { return nil }
      let rows = start..<min(start + batchSize, count)
      start = rows.upperBound
      func taken(_ tensors: [Tensor]) throws(KerasError) -> [Tensor] {
        var taken: [Tensor] = []
        for tensor in tensors {
          if let order {
            taken.append(tensor.gatheringRows(order[rows]))
          } else {
            taken.append(try tensor.rows(rows))
          }
        }
        return taken
      }
      return Batch(try taken(inputs), targets: try taken(targets), sampleWeights: try taken(sampleWeights))
    }
  }

  /// The first samples and the rest, as `validationSplit` divides them.
  ///
  /// - Parameter share: of the last samples, between 0 and 1.
  /// - Throws: `invalidArgument` where one part would be empty.
  package func split(share: Double) throws(KerasError) -> (training: TensorData, validation: TensorData) {
    let first = Int((Double(count) * (1 - share)).rounded(.down))
    try require(
      0 < share && share < 1 && first > 0 && first < count, .invalidArgument,
      "A validation split of \(share) leaves \(first) of \(count) samples for training.",
      remedy: "choose a share between 0 and 1 that leaves both parts some.")
    func part(_ rows: Range<Int>, seed: UInt64?) throws(KerasError) -> TensorData {
      func taken(_ tensors: [Tensor]) throws(KerasError) -> [Tensor] {
        var taken: [Tensor] = []
        for tensor in tensors { taken.append(try tensor.rows(rows)) }
        return taken
      }
      return try TensorData(
        taken(inputs), taken(targets), sampleWeights: taken(sampleWeights), batchSize: batchSize,
        shuffleSeed: seed)
    }
    return (try part(0..<first, seed: shuffleSeed), try part(first..<count, seed: nil))
  }
}

/// `0..<count` in an order that a seed and a stream decide, by Fisher and Yates.
package func shuffled(_ count: Int, seed: UInt64, stream: UInt64) -> [Int] {
  let random = CounterRandom(seed: seed &+ 0x5EED)
  var order = Array(0..<count)
  for last in stride(from: count - 1, to: 0, by: -1) {
    let chosen = Int(random.bits(stream: stream, at: UInt64(last)) % UInt64(last + 1))
    order.swapAt(last, chosen)
  }
  return order
}

extension Tensor {
  /// The rows at some positions, in this order.
  package func gatheringRows(_ positions: ArraySlice<Int>) -> Tensor {
    let rest = Array(shape.dropFirst())
    let rowBytes = byteCount / Swift.max(shape[0], 1)
    return Tensor(uninitialized: [positions.count] + rest, dataType) { bytes in
      withUnsafeBytes { source in
        for (row, position) in positions.enumerated() where rowBytes > 0 {
          UnsafeMutableRawBufferPointer(rebasing: bytes[row * rowBytes..<(row + 1) * rowBytes])
            .copyMemory(
              from: UnsafeRawBufferPointer(rebasing: source[position * rowBytes..<(position + 1) * rowBytes]))
        }
      }
    }
  }
}
