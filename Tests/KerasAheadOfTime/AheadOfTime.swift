import Foundation
import Keras
import KerasGraph
import KerasTraining

/// Compiles predictions and steps of training for a GPU that is not here:
///
///     KerasAheadOfTime PLUGIN TARGET_CONFIG
@main
enum AheadOfTime {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else {
      print("usage: KerasAheadOfTime PLUGIN TARGET_CONFIG")
      exit(64)
    }
    let target = try String(contentsOfFile: arguments[2], encoding: .utf8)
    let compiler = try AheadOfTimeCompiler(plugin: arguments[1], topology: "h100", target: target)
    for (name, precision, graph) in try subjects() {
      let start = ContinuousClock.now
      let sizes = try compiler.compile(graph, precision: precision)
      let seconds = start.duration(to: .now) / .seconds(1)
      let numbers = String(format: "%.1f s, %d bytes of text, %d compiled", seconds, sizes.textByteCount, sizes.programByteCount)
      print("\(name), \(precision.rawValue): \(numbers)")
    }
  }

  private static func subjects() throws -> [(String, Precision, Graph)] {
    let residual = try ResNet50(weights: PretrainedWeights.none)
    let mobile = try MobileNetV2(weights: PretrainedWeights.none)
    let pictures = [[64, 224, 224, 3]]
    let recurrent = Sequential {
      Input(shape: [80])
      Embedding(inputDimension: 20000, outputDimension: 128)
      LSTM(units: 128)
      Dense(units: 1, activation: .sigmoid)
    }
    let tokens = Input(shape: [80, 64])
    let attended = MultiHeadAttention(heads: 4, keySize: 16)(query: tokens, value: tokens)
    let normal = LayerNormalization()(Add()([tokens, attended]))
    let attention = try Model(
      inputs: [tokens], outputs: [Dense(units: 2, activation: .softmax)(GlobalAveragePooling1D()(normal))])
    var subjects: [(String, Precision, Graph)] = []
    for precision in [Precision.float32, .tensorFloat32, .bfloat16] {
      subjects.append(("ResNet50, prediction of 64", precision, try residual.lowered(for: pictures)))
      subjects.append(("MobileNetV2, prediction of 64", precision, try mobile.lowered(for: pictures)))
    }
    subjects.append(("LSTM, prediction of 32", .float32, try recurrent.lowered(for: [[32, 80]])))
    subjects.append(("attention, prediction of 32", .float32, try attention.lowered(for: [[32, 80, 64]])))
    func step(_ name: String, _ model: Model, _ x: Tensor, classes: Int) throws {
      try model.compile(
        optimizer: .sgd(learningRate: 0.01, momentum: 0.9),
        loss: classes == 1 ? .binaryCrossentropy : .sparseCategoricalCrossentropy)
      let labels = Tensor([Int32](repeating: 0, count: x.shape[0]))
      subjects.append((name, .float32, try model.trainingGraph(on: Batch(x, labels))))
    }
    try step("ResNet50, step of 64", residual, Tensor(zeros: [64, 224, 224, 3]), classes: 1000)
    try step("LSTM, step of 32", recurrent, Tensor(zeros: [32, 80]), classes: 1)
    try step("attention, step of 32", attention, Tensor(zeros: [32, 80, 64]), classes: 2)
    return subjects
  }
}
