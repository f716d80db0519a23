import Foundation
import KerasModels
import KerasTestSupport
import KerasTraining
import Testing

/// Same seed, same machine, same weights: to the bit, whatever the number of threads.
@Suite struct DeterminismTests {
  struct Network: Sendable, CustomTestStringConvertible {
    let name: String
    let shape: [Int]
    let make: @Sendable (SymbolicTensor) -> SymbolicTensor
    var isText = false
    var testDescription: String { name }
  }

  static let networks = [
    Network(name: "convolutions", shape: [14, 14, 3]) { x in
      let a = BatchNormalization()(Conv2D(filters: 24, kernelSize: 3, activation: .relu)(x))
      let b = MaxPooling2D()(Conv2D(filters: 40, kernelSize: 3, padding: .same, activation: .relu)(a))
      return Dropout(0.3)(Flatten()(b))
    },
    Network(name: "separable", shape: [16, 16, 8]) { x in
      let a = DepthwiseConv2D(kernelSize: 3, strides: 2, padding: .same)(x)
      let b = BatchNormalization()(Conv2D(filters: 32, kernelSize: 1)(a))
      let c = Conv2DTranspose(filters: 6, kernelSize: 3, strides: 2)(ReLU()(b))
      return GlobalAveragePooling2D()(SpatialDropout2D(0.2)(c))
    },
    Network(name: "wide", shape: [300]) { x in
      LayerNormalization()(Dropout(0.5)(Dense(units: 513, activation: .gelu)(x)))
    },
    Network(
      name: "sequences", shape: [12],
      make: { x in
        let words = Embedding(inputDimension: 50, outputDimension: 24)(x)
        let states = Bidirectional(LSTM(units: 20, returnsSequences: true))(words)
        return GRU(units: 17, dropout: 0.2)(states)
      }, isText: true),
    Network(name: "attention", shape: [10, 32]) { x in
      let a = MultiHeadAttention(heads: 4, keySize: 8, dropout: 0.1)([x, x])
      return GlobalMaxPooling1D()(Conv1D(filters: 16, kernelSize: 3)(Add()([x, a])))
    },
  ]

  struct Run: Sendable, CustomTestStringConvertible {
    let network: Network
    let backend: String
    let optimizer: String
    var testDescription: String { "\(network.name), \(optimizer), \(backend)" }
  }
  static let runs = networks.flatMap { network in
    ["onednn", "openblas"].flatMap { backend in
      ["adam", "sgd"].map { Run(network: network, backend: backend, optimizer: $0) }
    }
  }

  private func trained(_ run: Run, threads: Int) throws -> [String: [UInt32]] {
    let network = run.network
    let random = CounterRandom(seed: 21)
    let count = 45
    let size = network.shape.reduce(count, *)
    let numbers = (0..<size).map { place -> Float in
      let number = random.uniform(stream: 3, at: UInt64(place))
      return network.isText ? Float(Int(number * 50)) : Float(number * 2 - 1)
    }
    let x = try Tensor(numbers, shape: [count] + network.shape)
    let y = Tensor((0..<count).map { Int32($0 * 7 % 5) })
    let model = try Session.withFresh(seed: 5) {
      let input = Input(shape: Shape(network.shape))
      let scores = Dense(units: 5, activation: .softmax)(network.make(input))
      return try Model(inputs: input, outputs: scores)
    }
    let clipping = OptimizerOptions(clipping: .globalNorm(1))
    let optimizer: Optimizer =
      run.optimizer == "adam"
      ? Adam(learningRate: 0.01) : SGD(learningRate: 0.05, momentum: 0.9, options: clipping)
    try model.compile(
      optimizer: optimizer, loss: .sparseCategoricalCrossentropy,
      options: ComputeOptions(backend: run.backend, purpose: .throughput, threads: threads), seed: 3)
    // The last batch is smaller than the others.
    try model.fit(x, y, batchSize: 16, epochs: 2, seed: 9, verbosity: .silent)
    return Dictionary(
      uniqueKeysWithValues: model.weights.map {
        ($0.path, $0.value.scalars(as: Float.self).map(\.bitPattern))
      })
  }

  @Test(arguments: runs) func threadsDoNotShow(_ run: Run) throws {
    let one = try trained(run, threads: 1)
    for threads in [1, 2] {
      let other = try trained(run, threads: threads)
      for (path, numbers) in one where other[path] != numbers {
        let differing = zip(other[path] ?? [], numbers).filter { $0 != $1 }.count
        Issue.record("\(path): \(differing) of \(numbers.count) numbers differ with \(threads) threads")
      }
    }
  }
}
