import Foundation
import KerasTestSupport
import Testing

/// `classify --model FILE`: any file with a classifier of pictures at its end.
@Suite struct ClassifyFileTests {
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
    try workplace.putPictures(into: "Pictures")
  }

  private func path(_ name: String) -> String { workplace.folder.appending(path: name).path }

  /// The small MobileNet of the fixtures, saved whole.
  private func save(_ name: String, withLabels: Bool = true) throws {
    let application = try ModelCatalog.application(named: "mobilenet").setting("alpha", to: 0.0625)
    let model = try application(
      weights: .file(Fixtures.weights.path), inputShape: [32, 32, 3], classes: 4)
    if withLabels { model.labels = try ClassLabels(contentsOf: Fixtures.labels.path) }
    try model.save(to: path(name))
  }

  @Test(arguments: ["mine.keras", "mine.h5"])
  func aSavedApplicationNeedsNoWord(_ name: String) throws {
    try save(name)
    #expect(
      try workplace.keras("classify", "Pictures", "--model", name, "--top", "2")
        == Outcome(output: ClassifyTests.text))
    // So does a copy in another kind of file.
    let copy = name == "mine.h5" ? "copy.keras" : "copy.h5"
    #expect(try workplace.keras("convert", name, copy) == Outcome())
    #expect(
      try workplace.keras("classify", "Pictures", "--model", copy, "--top", "2")
        == Outcome(output: ClassifyTests.text))
    #expect(
      try workplace.keras(
        "classify", "Pictures/disc.png", "--model", name, "--verbose", "--threads", "1", "--top", "1")
        == Outcome(
          output: "Pictures/disc.png\n    93.9 %  round\n",
          errors: """
            model     mobilenet_0.06_32
            weights   \(name)
            pictures  32 × 32, keras-example, EXIF orientation ignored
            pixels    tf: x / 127.5 − 1
            compute   onednn, float32, 1 thread, 1 picture at a time

            """))
  }

  @Test func labelsOfAnotherFile() throws {
    try save("mine.keras", withLabels: false)
    #expect(
      try workplace.keras("classify", "Pictures/disc.png", "--model", "mine.keras", "--top", "1").output
        == "Pictures/disc.png\n    93.9 %  class 1\n")
    #expect(
      try workplace.keras(
        "classify", "Pictures/disc.png", "--model", "mine.keras", "--top", "1", "--labels",
        Fixtures.labels.path
      ).output == "Pictures/disc.png\n    93.9 %  round\n")
    try workplace.put("a\nb\n".utf8, at: "two.txt")
    #expect(
      try workplace.keras("classify", "Pictures", "--model", "mine.keras", "--labels", "two.txt")
        == Outcome(
          errors: """
            error: two.txt names 2 classes; the classifier knows 4.
              try: name its model in a file with --model, or its weights with --weights.

            """,
          code: 1))
  }

  private func small(_ name: String, units: Int = 3, _ activation: ActivationFunction = .softmax) throws {
    let model = Sequential(name: "small") {
      Input(shape: [8, 8, 3])
      Flatten()
      Dense(units: units, activation: activation)
    }
    try model.save(to: path(name))
  }

  /// What a file does not say is asked for.
  @Test func preprocessingIsNotGuessed() throws {
    // Probabilities of chance weights may all be 0 or 1, whatever the pixels.
    try small("small.keras", .linear)
    #expect(
      try workplace.keras("classify", "Pictures", "--model", "small.keras")
        == Outcome(
          errors: """
            error: The file does not say what turns pixels of 0…255 into the model's input.
              in: small
              try: say it with --preprocessing tf (−1…1), unit (0…1), caffe, torch or none (0…255).

            """,
          code: 1))
    let modes = try ["tf", "unit", "caffe", "torch", "none"].map {
      try workplace.keras(
        "classify", "Pictures/slope.jpg", "--model", "small.keras", "--preprocessing", $0, "--json")
    }
    #expect(modes.allSatisfy { $0.code == 0 && $0.errors == "" } && Set(modes.map(\.output)).count == 5)
  }

  /// Numbers that are no probabilities are not printed as percentages.
  @Test func logits() throws {
    try small("logits.keras", .linear)
    let outcome = try workplace.keras(
      "classify", "Pictures/disc.png", "--model", "logits.keras", "--preprocessing", "unit")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 4 && !outcome.output.contains("%") && outcome.code == 0)
    #expect(
      lines.dropFirst().allSatisfy { $0.wholeMatch(of: /\ +-?[0-9]+\.[0-9]{3}\ \ class\ [012]/) != nil })
  }

  @Test func filesThatCannotClassify() throws {
    let text = PackagePaths.goldens.appending(path: "saved/mlp-keras.keras").path
    let outcome = try workplace.keras("classify", "Pictures", "--model", text, "--preprocessing", "none")
    #expect(
      outcome.errors == """
        error: Expected a model from pictures, (batch, height, width, 1 or 3), to one output, found one from \
        (None, 6) to (None, 3).
          in: sequential

        """)
    try small("one.keras", units: 1, .linear)
    #expect(
      try workplace.keras("classify", "Pictures", "--model", "one.keras", "--preprocessing", "unit")
        == Outcome(
          errors: """
            error: The model ends in no classifier: its output has shape (None, 1).
              in: small

            """,
          code: 1))
    try small("all.keras")
    #expect(try workplace.keras("convert", "all.keras", "plan.json") == Outcome())
    #expect(
      try workplace.keras("classify", "Pictures", "--model", "plan.json", "--preprocessing", "unit")
        == Outcome(
          errors: """
            error: plan.json describes a model without its weights.
              try: name them with --weights.

            """,
          code: 1))
    let whole = try workplace.keras(
      "classify", "Pictures", "--model", "all.keras", "--preprocessing", "unit")
    #expect(
      try workplace.keras(
        "classify", "Pictures", "--model", "plan.json", "--weights", "all.keras", "--preprocessing", "unit")
        == whole)
  }
}
