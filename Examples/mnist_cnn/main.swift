// Handwritten digits told apart by a small convolutional network.
//
//   swift run -c release mnist_cnn [EPOCHS] [SAMPLES]
//
// MNIST comes from ~/.keras/datasets, or is fetched into it.
// Expected: 99.2 % of the test digits after 12 epochs, as Keras' example of this name (with the optimizer Adadelta).

import Keras

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let epochs = numbers.first ?? 12
let sampleCount = numbers.dropFirst().first ?? 60_000

let digits = try MNIST.load()
func pictures(_ part: Dataset.Part) throws -> (Tensor, Tensor) {
  let count = min(sampleCount, part.x.shape[0])
  let pixels = try part.x.rows(0..<count).reshaped(to: [count, 28, 28, 1]).converted(to: .float32) / 255
  return (pixels, try part.y.rows(0..<count).converted(to: .int32))
}
let (x, y) = try pictures(digits.training)
let (xTest, yTest) = try pictures(digits.test)

let model = Sequential {
  Input(shape: [28, 28, 1])
  Conv2D(filters: 32, kernelSize: [3, 3], activation: .relu)
  Conv2D(filters: 64, kernelSize: [3, 3], activation: .relu)
  MaxPooling2D(poolSize: [2, 2])
  Dropout(0.25)
  Flatten()
  Dense(units: 128, activation: .relu)
  Dropout(0.5)
  Dense(units: 10, activation: .softmax)
}
print(try model.summary())
try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
try model.fit(
  x, y, batchSize: 128, epochs: epochs, validationData: TensorData([xTest], [yTest], batchSize: 128))

let score = try model.evaluate(xTest, yTest, verbosity: .silent)
print("Test loss:", score["loss"] ?? .nan)
print("Test accuracy:", score["accuracy"] ?? .nan)
