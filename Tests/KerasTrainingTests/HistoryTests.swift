import Foundation
import KerasModels
import KerasPreprocessing
import Testing

@testable import KerasTraining

@Suite struct HistoryTests {
  private func temporary(_ name: String) -> String {
    NSTemporaryDirectory() + "keras-\(UUID().uuidString)-\(name)"
  }

  @Test func numbersKnowTheirEpochs() throws {
    let (x, y) = FitTests.data()
    let model = try FitTests.model()
    try model.compile(optimizer: .sgd(), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    let history = try model.fit(
      x, y, epochs: 5, validationSplit: 0.25, validationInterval: 2, verbosity: .silent)
    #expect(history.points(of: "val_acc").map(\.epoch) == [1, 3])
    #expect(history.points(of: "loss").map(\.epoch) == [0, 1, 2, 3, 4])
    #expect(history.points(of: "nothing").isEmpty)
    let svg = history.svg(title: "Two curves")
    #expect(svg.contains(">accuracy</text>") && svg.contains(">validation</text>"))
    #expect(History(arrays: history.arrays).svg(title: "Two curves") == svg)
  }

  @Test func plotsWhileTraining() throws {
    let (x, y) = FitTests.data()
    let model = try FitTests.model()
    try model.compile(optimizer: .sgd(), loss: .sparseCategoricalCrossentropy)
    let path = temporary("curves.png")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.fit(x, y, epochs: 2, callbacks: [.historyPlot(path)], verbosity: .silent)
    #expect(try Image(contentsOf: path).width == 920)
    let error = #expect(throws: KerasError.self) {
      try model.fit(x, y, callbacks: [.historyPlot("curves.gif")], verbosity: .silent)
    }
    #expect(error?.what == "A plot is written as SVG or PNG.")
  }

  @Test func readsWhatLoggersWrote() throws {
    let (x, y) = FitTests.data()
    let path = temporary("log.csv")
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try FitTests.model()
    try model.compile(optimizer: .sgd(), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    let first = try model.fit(x, y, epochs: 2, callbacks: [.csvLogger(path)], verbosity: .silent)
    let second = try model.fit(
      x, y, epochs: 1, callbacks: [.csvLogger(path, appends: true)], verbosity: .silent)
    let read = try History(contentsOfCSV: path)
    #expect(read.epochs == [0, 1, 2])
    #expect(try read["loss"] == #require(first["loss"]) + #require(second["loss"]))
    #expect(read["val_loss"] == nil)
    // As Keras writes it on Windows, with another separator.
    #expect(
      try History(csv: "epoch;loss\r\n3;0.5\r\n4;NA\r\n5;nan\r\n").points(of: "loss").map(\.epoch) == [3, 5])
  }

  @Test(
    arguments: [
      ("", "The file is empty."), ("a,b\n1,2\n", "The first line names no column `epoch`."),
      ("epoch,loss\n0,1\n1\n", "Line 3 is not 2 fields with the number of an epoch."),
      ("epoch,loss\n1e300,1\n", "Line 2 is not 2 fields with the number of an epoch."),
      ("epoch,loss\nx,1\n", "Line 2 is not 2 fields with the number of an epoch."),
    ])
  func whatIsNoLog(_ text: String, _ message: String) {
    let error = #expect(throws: KerasError.self) { try History(csv: text) }
    #expect(error?.what == message && error?.kind == .invalidFile)
  }
}
