import Foundation
import KerasTestSupport
import Testing

@Suite struct SummaryTests {
  @Test func printsAsModelSummaryDoes() throws {
    let models: [(arguments: [String], model: ImageModel)] = try Session.withFresh {
      [
        (["resnet50"], try ResNet50(weights: .none)),
        (
          ["mobilenet", "--alpha", "0.25", "--no-top", "--pooling", "avg", "--image-size", "96"],
          try MobileNet(inputShape: [96, 96, 3], alpha: 0.25, includeTop: false, weights: .none, pooling: .average)
        ),
      ]
    }
    for (arguments, model) in models {
      let want = try model.summary(terminalColumns: 80)
      let outcome = try Workplace().start(["summary"] + arguments).outcome()
      // Layers without a name of their own are numbered by session.
      #expect(outcome.output.split(separator: "\n").count == want.split(separator: "\n").count)
      #expect(outcome.output.split(separator: "\n").suffix(3) == want.split(separator: "\n").suffix(3))
      #expect(outcome.errors == "" && outcome.code == 0)
    }
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
            error: There is no model called `vgg`.
              try: did you mean vgg16, vgg19? `keras models` lists them all.

            """,
          code: 1))
    #expect(try Workplace().keras("summary", "vgg16", "--line-length", "3").code == 1)
  }
}
