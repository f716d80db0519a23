import Foundation
import KerasTestSupport
import Testing

@Suite struct SummaryTests {
  @Test(arguments: [
    ["resnet50"], ["resnet50", "--line-length", "120", "--show-trainable"],
    ["mobilenet", "--alpha", "0.25", "--no-top", "--pooling", "avg", "--image-size", "96"],
  ])
  func printsAsModelSummaryDoes(_ arguments: [String]) throws {
    // In a fresh session, as the command's own, so that unnamed layers have the same numbers.
    let want = try Session.withFresh {
      let isWide = arguments.contains("--line-length")
      let model =
        arguments[0] == "resnet50"
        ? try ResNet50(weights: .none)
        : try MobileNet(
          inputShape: [96, 96, 3], alpha: 0.25, includeTop: false, weights: .none, pooling: .average)
      return try model.summary(
        lineLength: isWide ? 120 : nil, showsTrainable: isWide, terminalColumns: 80)
    }
    #expect(try Workplace().start(["summary"] + arguments).outcome() == Outcome(output: want + "\n"))
  }

  @Test func theBeginningAndTheEnd() throws {
    let lines = try Workplace().keras("summary", "vgg16").output.split(separator: "\n")
    #expect(
      lines.prefix(6) == [
        "Model: \"vgg16\"",
        "┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓",
        "┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃",
        "┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩",
        "│ input_layer (InputLayer)        │ (None, 224, 224, 3)    │             0 │",
        "├─────────────────────────────────┼────────────────────────┼───────────────┤",
      ])
    #expect(
      lines.suffix(4) == [
        "└─────────────────────────────────┴────────────────────────┴───────────────┘",
        " Total params: 138,357,544 (527.79 MB)",
        " Trainable params: 138,357,544 (527.79 MB)",
        " Non-trainable params: 0 (0.00 B)",
      ])
  }

  @Test func badArguments() throws {
    #expect(
      try Workplace().keras("summary", "vgg")
        == Outcome(
          errors: """
            error: There is neither a file nor a model called `vgg`.
              try: did you mean vgg16, vgg19? `keras models` lists the models.

            """,
          code: 1))
    #expect(try Workplace().keras("summary", "vgg16", "--line-length", "3").code == 1)
  }
}
