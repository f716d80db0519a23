/// Some samples with what is to be said of them.
public struct Batch: Sendable {
  /// One for each input of the model, `[samples, …]`.
  public var inputs: [Tensor]
  /// One for each output that has a loss or a metric.
  public var targets: [Tensor]
  /// For all outputs, or one for each; empty for weights of 1.
  public var sampleWeights: [Tensor]

  public init(_ inputs: [Tensor], targets: [Tensor] = [], sampleWeights: [Tensor] = []) {
    self.inputs = inputs
    self.targets = targets
    self.sampleWeights = sampleWeights
  }

  public init(_ input: Tensor, _ target: Tensor, sampleWeights: Tensor? = nil) {
    self.init([input], targets: [target], sampleWeights: sampleWeights.map { [$0] } ?? [])
  }

  /// How many samples it holds.
  public var count: Int { inputs.first?.shape.first ?? 0 }
}

extension Batch {
  /// Looks for numbers that are none: some layers would swallow them, and nobody would know.
  ///
  /// - Throws: `invalidArgument` that names tensor and sample.
  package func checkNumbers() throws(KerasError) {
    for (what, tensors) in [("input", inputs), ("target", targets), ("sample weights", sampleWeights)] {
      for (index, tensor) in tensors.enumerated() where tensor.holdsNonFinite {
        let numbers: [Float] = tensor.scalars()
        guard let place = numbers.firstIndex(where: { !$0.isFinite }) else { continue }
        let sample = place / Swift.max(numbers.count / Swift.max(tensor.shape.first ?? 1, 1), 1)
        throw KerasError(
          .invalidArgument, "The data holds \(numbers[place]) in sample \(sample).",
          path: ["\(what) \(index)"],
          remedy: "leave such samples out, or replace what is missing.")
      }
    }
  }
}

extension Tensor {
  /// Whether some number is infinite or none; of single precision alone, which everything else is made of.
  fileprivate var holdsNonFinite: Bool {
    guard dataType == .float32 else { return false }
    return withUnsafeScalars(of: Float.self) { numbers in
      // Exponents are compared as whole numbers, which the compiler turns into a few vector instructions.
      var largest: UInt32 = 0
      for number in numbers { largest = Swift.max(largest, number.bitPattern & 0x7FFF_FFFF) }
      return largest >= Float.infinity.bitPattern
    }
  }
}

/// Where training gets its batches: tensors in memory, pictures in folders, anything that makes them on demand.
///
/// ```swift
/// struct Numbers: DataSource {
///   var batchCount: Int? { 100 }
///   func batches(inEpoch epoch: Int) -> BatchStream {
///     var number = 0
///     return BatchStream {
///       guard number < 100 else { return nil }
///       defer { number += 1 }
///       return Batch(Tensor(zeros: [32, 8]), Tensor(zeros: [32, 1]))
///     }
///   }
/// }
/// ```
public protocol DataSource: Sendable {
  /// How many batches an epoch has; nil where nobody knows, or it never ends.
  var batchCount: Int? { get }

  /// Whether every epoch has other numbers, and not only another order of the same: where samples are changed at random.
  /// False unless a source says it.
  var changesEveryEpoch: Bool { get }

  /// The batches of one epoch, in its own order.
  ///
  /// - Parameter epoch: from 0. The same epoch gives the same batches, so that training can be gone on with.
  func batches(inEpoch epoch: Int) throws -> BatchStream
}

extension DataSource {
  public var changesEveryEpoch: Bool { false }
}

/// Batches, one after the other, made when they are asked for.
public struct BatchStream {
  private let make: () throws -> Batch?

  /// - Parameter next: the next batch; nil at the end.
  public init(_ next: @escaping () throws -> Batch?) { make = next }

  /// - Throws: `custom`, or the source's own error.
  public func next() throws(KerasError) -> Batch? { try wrappingErrors { try make() } }
}
