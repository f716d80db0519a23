import KerasModels
import KerasTraining
import Testing

/// Pictures that change on their way into training.
@Suite struct AugmentedDataTests {
  private func pictures() throws -> TensorData {
    let pixels = Tensor(uninitialized: [10, 6, 6, 3], Float.self) { elements in
      for i in elements.indices { elements[i] = Float((i * 37) % 251) }
    }
    let labels = Tensor(uninitialized: [10, 2], Float.self) { elements in
      for i in elements.indices { elements[i] = i % 2 == i / 2 % 2 ? 1 : 0 }
    }
    return try TensorData([pixels], [labels], batchSize: 4)
  }

  private func all(_ data: any DataSource, epoch: Int) throws -> [Batch] {
    let stream = try data.batches(inEpoch: epoch)
    var batches: [Batch] = []
    while let batch = try stream.next() { batches.append(batch) }
    return batches
  }

  @Test func eachEpochChangesThemInItsOwnWayAndAlwaysThatOne() throws {
    let source = try pictures()
    let data = source.augmented(by: [RandomFlip(), MixUp(alpha: 1), Rescaling(scale: 1 / 255.0)], seed: 3)
    #expect(data.batchCount == 3)
    func numbers(_ epoch: Int) throws -> [[Float]] {
      try all(data, epoch: epoch).flatMap { [$0.inputs[0].scalars(), $0.targets[0].scalars()] }
    }
    let first = try numbers(0)
    #expect(first.map(\.count) == [432, 8, 432, 8, 216, 4])
    #expect(try numbers(0) == first)
    #expect(try numbers(1) != first)
    #expect(first[0].allSatisfy { (0...1).contains($0) })
    #expect(first[1].contains { $0 != 0 && $0 != 1 })
    let other = source.augmented(by: [RandomFlip(), MixUp(alpha: 1), Rescaling(scale: 1 / 255.0)], seed: 4)
    #expect(try all(other, epoch: 0)[0].inputs[0].scalars() != first[0])
  }

  /// The same layers in a model work while it trains, and not while it predicts.
  @Test func theyAreLayersOfAModelToo() throws {
    let model = try Session.withFresh { () throws in
      let model = Sequential {
        Input(shape: [6, 6, 3])
        RandomFlip()
        RandomRotation(0.2)
        RandomTranslation(height: 0.2, width: 0.2)
        Rescaling(scale: 1 / 255.0)
        Flatten()
        Dense(units: 2, activation: .softmax)
      }
      try model.compile(optimizer: .sgd(learningRate: 0.01), loss: .categoricalCrossentropy)
      return model
    }
    let source = try pictures()
    let before = try model.predict(source.inputs[0])
    #expect(try model.predict(source.inputs[0]).scalars() == before.scalars(as: Float.self))
    let history = try model.fit(source, epochs: 3, verbosity: .silent)
    #expect(history["loss"]?.count == 3)
    #expect(try model.predict(source.inputs[0]).scalars() != before.scalars(as: Float.self))
  }
}
