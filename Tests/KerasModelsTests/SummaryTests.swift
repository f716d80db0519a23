import Foundation
import KerasModels
import Testing

/// Whole texts against those of Keras 3.15, made by `Tests/Goldens/make_summaries.py`.
@Suite struct SummaryTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let columns: Int
    let build: @Sendable () throws -> Model
    var lineLength: Int?
    var positions: [Double]?
    var expandNested = false
    var showsTrainable = false
    var range: (first: String, last: String)?
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "vgg", columns: 80, build: SummaryModels.vgg),
    Case(name: "vgg_wide", columns: 200, build: SummaryModels.vgg),
    Case(name: "vgg_range", columns: 80, build: SummaryModels.vgg, range: ("block1", "flat")),
    Case(
      name: "vgg_range_backwards", columns: 80, build: SummaryModels.vgg, range: ("fc1", #"block\d_conv\d"#)),
    Case(name: "mobilenet", columns: 80, build: SummaryModels.mobileNet),
    Case(name: "mobilenet_60", columns: 80, build: SummaryModels.mobileNet, lineLength: 60),
    Case(name: "resnet", columns: 80, build: SummaryModels.resNet),
    Case(name: "resnet_wide", columns: 200, build: SummaryModels.resNet),
    Case(name: "resnet_v2", columns: 80, build: SummaryModels.resNetV2),
    Case(name: "resnet_v2_trainable", columns: 200, build: SummaryModels.partlyFrozen, showsTrainable: true),
    Case(name: "two_in_two_out", columns: 80, build: SummaryModels.twoInTwoOut),
    Case(name: "two_in_two_out_24", columns: 80, build: SummaryModels.twoInTwoOut, lineLength: 24),
    Case(name: "shared", columns: 80, build: SummaryModels.shared),
    Case(name: "shared_chain", columns: 100, build: SummaryModels.sharedChain),
    Case(name: "nested", columns: 80, build: SummaryModels.nested),
    Case(
      name: "nested_expanded", columns: 120, build: SummaryModels.nested, expandNested: true,
      showsTrainable: true),
    Case(
      name: "nested_chain", columns: 80, build: SummaryModels.nestedChain, expandNested: true,
      showsTrainable: true),
    Case(name: "stack", columns: 120, build: SummaryModels.stack, expandNested: true),
    Case(
      name: "stack_built", columns: 120, build: SummaryModels.builtStack, expandNested: true,
      showsTrainable: true),
    Case(name: "tower", columns: 120, build: SummaryModels.tower),
    Case(name: "tower_called", columns: 120, build: SummaryModels.calledTower),
    Case(name: "long_names", columns: 80, build: SummaryModels.longNames),
    Case(name: "long_names_150", columns: 200, build: SummaryModels.longNames, lineLength: 150),
    Case(
      name: "positions", columns: 200, build: SummaryModels.vgg, lineLength: 100, positions: [0.3, 0.5, 0.8]),
    Case(
      name: "positions_even", columns: 200, build: SummaryModels.mobileNet, lineLength: 71,
      positions: [0.33, 0.66, 1], showsTrainable: true),
  ]

  @Test(arguments: cases) func isKeras(_ example: Case) throws {
    let text = try Session.withFresh { () throws in
      try example.build().summary(
        lineLength: example.lineLength, positions: example.positions, expandNested: example.expandNested,
        showsTrainable: example.showsTrainable, layerRange: example.range, terminalColumns: example.columns)
    }
    let expected = try String(
      contentsOf: goldens.appending(path: "summaries/\(example.name).txt"), encoding: .utf8)
    #expect(text + "\n" == expected)
  }

  @Test func everyGoldenIsCompared() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: goldens.appending(path: "summaries").path)
    #expect(Set(files) == Set(Self.cases.map { $0.name + ".txt" }))
  }

  @Test func aLineLongerThanTheTerminalIsNotCut() throws {
    let text = try SummaryModels.shared().summary(lineLength: 120, terminalColumns: 40)
    #expect(text.split(separator: "\n").dropFirst().prefix(3).map(\.count) == [120, 120, 120])
  }

  @Test func lineTooShort() throws {
    let model = try SummaryModels.shared()
    #expect(
      message { () throws(KerasError) in _ = try model.summary(lineLength: 20) } == """
        A line of 20 characters is too short for 4 columns.
          in: shared
          try: use a longer line, or positions further apart.
        """)
    for length in [Int.min, -1, 0, 1] {
      #expect(throws: KerasError.self) { try model.summary(lineLength: length) }
      #expect(throws: KerasError.self) { try model.summary(terminalColumns: length) }
    }
    #expect(try model.summary(lineLength: .max).split(separator: "\n").map(\.count).max() == 10_000)
  }

  @Test(arguments: [[], [0.5, 1], [0.2, 0.4, 0.6, 2], [0.2, .nan, 0.6, 1], [-0.1, 0.3, 0.6, 1]])
  func badPositions(_ positions: [Double]) throws {
    let model = try SummaryModels.shared()
    #expect(
      message { () throws(KerasError) in _ = try model.summary(positions: positions) } == """
        Expected 4 positions from 0 to 1, found \(positions).
          in: shared
        """)
  }

  @Test func rangesThatMatchNothing() throws {
    let model = try SummaryModels.shared()
    #expect(
      message { () throws(KerasError) in _ = try model.summary(layerRange: ("tovver", "add")) } == """
        No layer's name begins with `tovver`.
          in: shared › layer range
          try: did you mean tower?
        """)
    #expect(
      message { () throws(KerasError) in _ = try model.summary(layerRange: ("tower", "(")) } == """
        `(` is no regular expression.
          in: shared › layer range
        """)
  }
}
