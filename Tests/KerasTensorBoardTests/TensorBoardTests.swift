import Foundation
import KerasModels
import KerasTraining
import SwiftProtobuf
import Testing

@testable import KerasTensorBoard

@Suite final class TensorBoardTests {
  /// `KERAS_EVENTS_DIR` keeps what is written, for TensorBoard itself: Tests/Interop/read_events.py.
  private static let kept = ProcessInfo.processInfo.environment["KERAS_EVENTS_DIR"]
  private let folder = (kept ?? NSTemporaryDirectory()) + "/keras-board-\(UUID().uuidString)"
  deinit { if Self.kept == nil { try? FileManager.default.removeItem(atPath: folder) } }

  private func model() throws -> Model {
    let x = Input(shape: [2], name: "point")
    let hidden = Dense(units: 4, activation: .relu, name: "hidden")(x)
    let model = try Model(
      inputs: x, outputs: Dense(units: 1, name: "size")(Add(name: "sum")([hidden, hidden])), name: "sizes")
    try model.compile(
      optimizer: .sgd(learningRate: 0.01), loss: .meanSquaredError, metrics: [.meanAbsoluteError])
    return model
  }

  private func fit(_ model: Model, _ board: TensorBoard, epochs: Int = 2) throws -> History {
    let x = try Tensor((0..<48).map { Float($0 % 7) / 7 }, shape: [24, 2])
    let y = try Tensor((0..<24).map { Float($0 % 5) }, shape: [24, 1])
    return try model.fit(
      x, y, batchSize: 6, epochs: epochs, validationSplit: 0.25, callbacks: [board], verbosity: .silent)
  }

  /// The events of the only file in a folder, checksums checked.
  private func events(_ name: String) throws -> [Tensorboard_Event] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/" + name)
    let file = try #require(names.first)
    #expect(names.count == 1 && file.hasPrefix("events.out.tfevents.") && file.hasSuffix(".v2"))
    var rest = Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)/\(file)")))[...]
    var found: [Tensorboard_Event] = []
    while !rest.isEmpty {
      let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let bytes = Array(rest.dropFirst(12).prefix(length))
      #expect(Array(rest.prefix(16 + length)) == EventFile.record(bytes))
      found.append(try Tensorboard_Event(serializedBytes: bytes))
      rest = rest.dropFirst(16 + length)
    }
    return found
  }

  private func scalars(_ events: [Tensorboard_Event], _ tag: String) -> [(step: Int64, value: Float)] {
    events.flatMap { event in
      event.summary.value.filter { $0.tag == tag }.map { (event.step, $0.tensor.floatVal[0]) }
    }
  }

  @Test func numbersOfEpochsAndBatches() throws {
    let history = try fit(model(), TensorBoard(folder, updateInterval: 2))
    let (train, validation) = (try events("train"), try events("validation"))
    #expect(train[0].fileVersion == "brain.Event:2" && validation[0].fileVersion == "brain.Event:2")
    #expect(scalars(train, "epoch_loss").map(\.value) == history["loss"]?.map { Float($0) })
    #expect(scalars(train, "epoch_loss").map(\.step) == [0, 1])
    #expect(scalars(train, "epoch_learning_rate").map(\.value) == [0.01, 0.01])
    #expect(
      scalars(validation, "epoch_mean_absolute_error").map(\.value)
        == history["val_mean_absolute_error"]?.map { Float($0) })
    #expect(scalars(validation, "epoch_val_loss").isEmpty)
    #expect(scalars(train, "batch_loss").map(\.step) == [0, 2, 4])
    // Three steps of training an epoch.
    #expect(scalars(validation, "evaluation_loss_vs_iterations").map(\.step) == [3, 6])
    #expect(try #require(train.last).wallTime > 1.6e9)
  }

  /// Ends an evaluation after some batches.
  private final class Stopper: Callback {
    override func testBatchEnded(_ batch: Int, _ logs: Logs) { if batch == 1 { interruptTraining() } }
  }

  /// Numbers of a part of the data would stand among those of all.
  @Test func interruptedEvaluationsLeaveNoNumbers() throws {
    let model = try model()
    let data = try TensorData([Tensor(zeros: [24, 2])], [Tensor(zeros: [24, 1])], batchSize: 6)
    _ = try model.evaluate(data, callbacks: [TensorBoard(folder), Stopper()], verbosity: .silent)
    #expect(!FileManager.default.fileExists(atPath: folder + "/validation"))
    _ = try model.evaluate(data, callbacks: [TensorBoard(folder)], verbosity: .silent)
    #expect(try scalars(events("validation"), "evaluation_loss_vs_iterations").count == 1)
  }

  @Test func graphOfLayers() throws {
    _ = try fit(model(), TensorBoard(folder), epochs: 1)
    let all = try events("train")
    let graph = try Tensorboard_GraphDef(
      serializedBytes: #require(all.first { !$0.graphDef.isEmpty }).graphDef)
    #expect(graph.node.map(\.name) == ["point", "hidden", "sum", "size"])
    #expect(graph.node.map(\.op) == ["InputLayer", "Dense", "Add", "Dense"])
    #expect(graph.node.map(\.input) == [[], ["point"], ["hidden", "hidden"], ["sum"]])
    let keras = try #require(all.flatMap(\.summary.value).first { $0.tag == "keras" })
    #expect(keras.metadata.pluginData.pluginName == "graph_keras_model")
    #expect(String(decoding: keras.tensor.stringVal[0], as: UTF8.self).hasPrefix("{"))
    let without = TensorBoard(folder + "/other", writesGraph: false)
    _ = try fit(model(), without, epochs: 1)
  }

  @Test func distributionsOfWeights() throws {
    _ = try fit(model(), TensorBoard(folder, histogramInterval: 2), epochs: 3)
    let values = try events("train").flatMap { event in event.summary.value.map { (event.step, $0) } }
    let kernels = values.filter { $0.1.tag == "hidden/kernel/histogram" }
    #expect(kernels.map(\.0) == [0, 2])
    let tensor = try #require(kernels.first).1.tensor
    #expect(tensor.dtype == .dtDouble && tensor.tensorShape.dim.map(\.size) == [30, 3])
    #expect(stride(from: 2, to: 90, by: 3).reduce(0) { $0 + tensor.doubleVal[$1] } == 8)
  }

  /// Rows of `tensorboard.plugins.histogram.summary_v2.histogram_pb`, version 2.21.
  @Test func rowsOfHistograms() {
    let four = Tensorboard_Summary.Value.histogramRows([1, 2, 2, 4, .nan], count: 3)
    #expect(four == [[1, 2, 1], [2, 3, 2], [3, 4, 1]])
    #expect(Tensorboard_Summary.Value.histogramRows([5, 5], count: 2) == [[5, 5, 0], [5, 5, 2]])
    #expect(Tensorboard_Summary.Value.histogramRows([], count: 2) == [[0, 0, 0], [0, 0, 0]])
  }

  /// RFC 3720, B.4.
  private static let known: [([UInt8], UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C), ([], 0),
  ]

  @Test(arguments: known)
  func checksums(_ bytes: [UInt8], _ checksum: UInt32) { #expect(CRC32C.of(bytes) == checksum) }

  @Test func whatCannotBeWritten() throws {
    try Data("a file".utf8).write(to: URL(filePath: folder))
    let error = #expect(throws: KerasError.self) { try fit(model(), TensorBoard(folder)) }
    #expect(error?.kind == .fileAccess)
  }
}
