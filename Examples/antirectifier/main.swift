// A layer of one's own in place of an activation: it keeps the positive and the negative parts of centred, normalized
// features.
//
//   swift run -c release antirectifier [EPOCHS] [SAMPLES]
//
// MNIST comes from ~/.keras/datasets, or is fetched into it.
// What it reaches on all digits was not measured.

import Keras

final class Antirectifier: Layer, @unchecked Sendable {
  override func call(_ input: Value, in context: CallContext) throws -> Value {
    let x = context[input]
    let scaled = try Ops.normalize(x - x.mean(axis: -1, keepsDimensions: true))
    return try Ops.concatenate([Ops.relu(scaled), Ops.relu(-scaled)]).value
  }
}
// So that a saved model is found again.
Layers.register("Custom>Antirectifier") { settings in Antirectifier(name: settings.name) }

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let epochs = numbers.first ?? 20
let sampleCount = numbers.dropFirst().first ?? 60_000

let digits = try MNIST.load()
func flat(_ part: Dataset.Part) throws -> (Tensor, Tensor) {
  let count = min(sampleCount, part.x.shape[0])
  let pixels = try part.x.rows(0..<count).reshaped(to: [count, 784]).converted(to: .float32) / 255
  return (pixels, try part.y.rows(0..<count).converted(to: .int32))
}
let (x, y) = try flat(digits.training)
let (xTest, yTest) = try flat(digits.test)

let model = Sequential {
  Input(shape: [784])
  Dense(units: 256)
  Antirectifier()
  Dense(units: 256)
  Antirectifier()
  Dropout(0.5)
  Dense(units: 10, activation: .softmax)
}
try model.compile(optimizer: .rmsprop(), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
try model.fit(x, y, batchSize: 128, epochs: epochs, validationSplit: 0.15)

let score = try model.evaluate(xTest, yTest, verbosity: .silent)
print("Test accuracy:", score["accuracy"] ?? .nan)
