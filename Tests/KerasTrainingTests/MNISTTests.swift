import Foundation
import KerasFiles
import KerasModels
import KerasTestSupport
import KerasTraining
import Testing

/// Keras' examples `mnist_mlp` and `mnist_cnn` from the same weights, on the same samples in the same order
/// (`Tests/Goldens/make_mnist_curves.py`).
@Suite struct MNISTTests {
  private static let file = PackagePaths.shared?.appending(path: "datasets/mnist.npz").path
  private static var isThere: Bool { file.map { FileManager.default.fileExists(atPath: $0) } ?? false }

  private struct Digits {
    let x, y, testX, testY: Tensor

    /// - Parameter isFlat: whether pictures are rows of numbers.
    init(isFlat: Bool) throws {
      let arrays = try NumPy.loadArchive(try #require(MNISTTests.file))
      func pictures(_ name: String) throws -> Tensor {
        let pixels = try #require(arrays[name]).converted(to: .float32)
        let count = pixels.shape[0]
        return try (pixels / 255).reshaped(to: isFlat ? [count, 784] : [count, 28, 28, 1])
      }
      (x, testX) = (try pictures("x_train"), try pictures("x_test"))
      (y, testY) = (
        try #require(arrays["y_train"]).converted(to: .int32),
        try #require(arrays["y_test"]).converted(to: .int32)
      )
    }
  }

  /// - Parameter drops: whether it drops what the example drops.
  private func model(_ kind: String, drops: Bool) throws -> Model {
    let x = Input(shape: kind == "mlp" ? [784] : [28, 28, 1])
    func dropped(_ x: SymbolicTensor, _ rate: Double) -> SymbolicTensor { drops ? Dropout(rate)(x) : x }
    let hidden: SymbolicTensor
    if kind == "mlp" {
      let first = dropped(Dense(units: 512, activation: .relu)(x), 0.2)
      hidden = dropped(Dense(units: 512, activation: .relu)(first), 0.2)
    } else {
      let seen = Conv2D(filters: 64, kernelSize: 3, activation: .relu)(
        Conv2D(filters: 32, kernelSize: 3, activation: .relu)(x))
      let flat = Flatten()(dropped(MaxPooling2D()(seen), 0.25))
      hidden = dropped(Dense(units: 128, activation: .relu)(flat), 0.5)
    }
    let model = try Model(inputs: x, outputs: Dense(units: 10, activation: .softmax)(hidden))
    let random = CounterRandom(seed: 0)
    for (stream, weight) in model.weights.enumerated() where weight.shape.count > 1 {
      let shape = weight.shape
      let places = shape.dropLast(2).reduce(1, *)
      let limit = Float((6 / Double(places * shape.suffix(2).reduce(0, +))).squareRoot())
      let numbers = (0..<weight.elementCount).map {
        (Float(random.uniform(stream: UInt64(stream), at: UInt64($0))) * 2 - 1) * limit
      }
      try weight.assign(Tensor(numbers, shape: shape))
    }
    try model.compile(
      optimizer: kind == "mlp" ? RMSprop() : Adadelta(learningRate: 1), loss: .sparseCategoricalCrossentropy,
      metrics: [.accuracy],
      // Without dropout for a comparison step by step, in which Winograd's rounding would grow.
      options: ComputeOptions(purpose: drops ? .throughput : .firstAnswer))
    return model
  }

  private func curves(_ kind: String) throws -> JSON {
    let text = try String(
      contentsOf: PackagePaths.goldens.appending(path: "mnist-curves.json"), encoding: .utf8)
    return try #require(try JSON(parsing: text)[kind])
  }

  /// The loss of each of the first steps is Keras'.
  @Test(.enabled(if: isThere, PackagePaths.sharedIsAbsent), arguments: ["mlp", "cnn"])
  func firstSteps(_ kind: String) throws {
    let curves = try curves(kind)
    let size = try #require(curves["batch_size"]?.integer)
    let wanted = try #require(curves["losses"]?.array).compactMap(\.number)
    let digits = try Digits(isFlat: kind == "mlp")
    let model = try model(kind, drops: false)
    for (step, loss) in wanted.enumerated() {
      let rows = step * size..<(step + 1) * size
      let found = try model.trainOnBatch(digits.x.rows(rows), digits.y.rows(rows))
      try model.resetMetrics()
      // Rounding grows from step to step.
      let tolerance = 1e-4 * Double(1 + step)
      let difference = abs(try #require(found["loss"]) - loss)
      #expect(difference < tolerance, "step \(step): \(difference)")
    }
  }

  /// The whole examples, for an hour or less: `KERAS_MNIST=1`, optimised.
  @Test(
    .enabled(if: isThere, PackagePaths.sharedIsAbsent),
    .enabled(if: ProcessInfo.processInfo.environment["KERAS_MNIST"] != nil, "takes an hour"),
    arguments: [("mlp", 20, 0.982), ("cnn", 12, 0.990)])
  func examples(_ kind: String, _ epochs: Int, _ least: Double) throws {
    let digits = try Digits(isFlat: kind == "mlp")
    let model = try model(kind, drops: true)
    let history = try model.fit(
      digits.x, digits.y, batchSize: 128, epochs: epochs, seed: 1,
      validationData: TensorData([digits.testX], [digits.testY], batchSize: 128), verbosity: .lines)
    let found = try #require(history["val_accuracy"])
    print(kind, history.metrics)
    #expect(try #require(found.last) > least)
    // As Keras, epoch by epoch, within what two seeds of Keras differ by.
    let wanted = try #require(try curves(kind)["epochs"]?["val_accuracy"]?.array).compactMap(\.number)
    for (epoch, (a, b)) in zip(found, wanted).enumerated() {
      #expect(abs(a - b) < (epoch < 2 ? 0.01 : 0.005), "epoch \(epoch): \(a), in Keras \(b)")
    }
  }
}
