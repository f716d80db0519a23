import KerasGraph
import KerasLayers
import KerasModels
import Synchronization

/// Batches on their way through layers that change pictures, as a stage in front of training.
///
/// ```swift
/// let pictures = try TensorData([Tensor(zeros: [8, 32, 32, 3])], [Tensor(zeros: [8, 5])])
/// let augmented = pictures.augmented(by: [RandomFlip(.horizontal), MixUp()], seed: 7)
/// ```
/// The same layers as the first of a model do the same at each step of training; here labels can change, too
/// (``MixUp``, ``CutMix``), and what is evaluated on the source itself stays as it is.
public struct AugmentedData: DataSource {
  private let source: any DataSource
  private let layers: [Layer]
  private let seed: Int64
  private let options: ComputeOptions
  private let programs = Programs()

  init(_ source: any DataSource, _ layers: [Layer], seed: Int64, options: ComputeOptions) {
    (self.source, self.layers, self.seed, self.options) = (source, layers, seed, options)
  }

  public var batchCount: Int? { source.batchCount }
  public var changesEveryEpoch: Bool { !layers.isEmpty || source.changesEveryEpoch }

  public func batches(inEpoch epoch: Int) throws -> BatchStream {
    let stream = try source.batches(inEpoch: epoch)
    let seeds = CounterRandom(seed: UInt64(bitPattern: seed))
    var number: UInt64 = 0
    return BatchStream { () throws(KerasError) in
      guard let batch = try stream.next() else { return nil }
      let drawn = Int64(bitPattern: seeds.bits(stream: UInt64(bitPattern: Int64(epoch)), at: number))
      number += 1
      return try changed(batch, seed: drawn)
    }
  }

  private func changed(_ batch: Batch, seed: Int64) throws(KerasError) -> Batch {
    guard let pictures = batch.inputs.first else { return batch }
    // With several targets nobody knows which are labels of the pictures.
    let labels = batch.targets.count == 1 ? batch.targets : []
    try require(
      batch.targets.count < 2 || !layers.contains { $0 is MixUp || $0 is CutMix }, .unsupported,
      "Pictures are mixed with their labels where there is one target, found \(batch.targets.count).",
      remedy: "leave MixUp and CutMix out.")
    let specs = ([pictures] + labels).map(\.spec)
    let program = try programs.program(for: specs) { () throws(KerasError) in try prepare(specs) }
    let results = try program.run([pictures] + labels + [Tensor([seed])])
    var changed = batch
    changed.inputs[0] = results[0]
    if !labels.isEmpty { changed.targets = [results[1]] }
    return changed
  }

  private func prepare(_ specs: [TensorSpec]) throws(KerasError) -> any Program {
    let graph = GraphBuilder()
    var values = specs.map { graph.input($0) }
    let seed = graph.input(TensorSpec([1], .int64))
    let context = CallContext(graph: graph, mode: .constants, isTraining: true, seed: seed)
    for layer in layers {
      if layer is Augmentation {
        values = try context.apply(layer, to: values).outputs
      } else {
        values[0] = try context.apply(layer, to: values[0])
      }
    }
    return try options.prepare(graph.finish(returning: values)).program
  }

  /// One program for each shape of batches.
  private final class Programs: Sendable {
    private let known = Mutex<[[TensorSpec]: any Program]>([:])

    func program(
      for specs: [TensorSpec], _ make: () throws(KerasError) -> any Program
    ) throws(KerasError) -> any Program {
      let result: Result<any Program, KerasError> = known.withLock { known in
        if let program = known[specs] { return .success(program) }
        do throws(KerasError) {
          let program = try make()
          // Sizes that never come again must not pile up.
          if known.count >= 4 { known.removeAll() }
          known[specs] = program
          return .success(program)
        } catch {
          return .failure(error)
        }
      }
      return try result.get()
    }
  }
}

extension DataSource {
  /// The batches on their way through layers, in training mode: pictures, the first input, and their labels if there
  /// is one target.
  ///
  /// - Parameter seed: decides all that is drawn, with the numbers of epoch and batch.
  public func augmented(
    by layers: [Layer], seed: Int64 = 0, options: ComputeOptions = ComputeOptions()
  ) -> AugmentedData {
    AugmentedData(self, layers, seed: seed, options: options)
  }
}
