import Foundation
import Glibc
import Keras
import KerasTestSupport
import Testing

/// `keras finetune` and `keras evaluate`: from folders of pictures to a classifier that knows their names.
@Suite struct FineTuneTests {
  let workplace: Workplace
  private static let colours: [(name: String, pixel: [UInt8])] = [
    ("blue", [20, 30, 220]), ("green", [10, 200, 40]), ("red", [230, 20, 20]),
  ]

  init() throws { workplace = try Workplace() }

  private func path(_ name: String) -> String { workplace.folder.appending(path: name).path }

  /// Pictures of one colour each, no two the same.
  private func put(_ count: Int, of colour: Int, into folder: String) throws {
    let (name, pixel) = Self.colours[colour]
    try FileManager.default.createDirectory(
      atPath: path("\(folder)/\(name)"), withIntermediateDirectories: true)
    for number in 0..<count {
      let shade = pixel.map { $0 &+ UInt8(number * 2) }
      let pixels = (0..<32 * 32).flatMap { _ in shade }
      try Image(width: 32, height: 32, mode: .rgb, pixels: pixels).save(
        to: path("\(folder)/\(name)/\(number).png"))
    }
  }

  private let base = ["--weights", Fixtures.weights.path, "--alpha", "0.0625", "--image-size", "32"]

  private func finetune(_ arguments: String...) throws -> Outcome {
    try workplace.start(["finetune"] + arguments + base).outcome()
  }

  private func json(_ outcome: Outcome) throws -> JSON {
    try #require(outcome.output.hasSuffix("}\n"), "\(outcome.errors)")
    return try JSON(parsing: outcome.output)
  }

  @Test func coloursAreToldApart() throws {
    for colour in 0..<3 {
      try put(8, of: colour, into: "train")
      try put(3, of: colour, into: "val")
    }
    // Neither is a class: a file beside the folders, and a hidden folder.
    try workplace.put(Fixtures.picture("disc.png"), at: "train/stray.png")
    try workplace.put(Fixtures.picture("disc.png"), at: "train/.cache/a.png")
    let made = try finetune(
      "train", "--validation", "val", "-o", "colours.keras", "--learning-rate", "0.02", "--json", "--seed",
      "3")
    let report = try json(made)
    #expect(made.errors == "" && made.code == 0)
    #expect(report["best"]?["val_accuracy"] == 1)
    #expect(report["classes"] == ["blue", "green", "red"])
    #expect(report["train"] == 24 && report["validation"] == 9 && report["skipped"] == 0)
    #expect(report["fine_tune_epochs"] == 0 && report["class_weights"] == nil)

    // The file knows names and preprocessing.
    let named = try workplace.keras(
      "classify", "val/green/0.png", "--model", "colours.keras", "--top", "1", "--json")
    #expect(try JSONLine.all(in: named.output)[0].predictions?[0].label == "green")
    let measured = try workplace.keras("evaluate", "colours.keras", "val", "--json")
    let found = try JSON(parsing: measured.output)
    #expect(measured.errors == "" && measured.code == 0)
    #expect(found.object?.keys.sorted() == ["accuracy", "loss"] && found["accuracy"] == 1)
    let (loss, best) = (
      try #require(found["loss"]?.number), try #require(report["best"]?["val_loss"]?.number)
    )
    #expect(abs(loss - best) < 1e-4)
    // Some of the classes will do, and the text is for people.
    #expect(FileManager.default.fileExists(atPath: path("val/red/0.png")))
    try FileManager.default.removeItem(atPath: path("val/red"))
    let part = try workplace.keras("evaluate", "colours.keras", "val").output
    #expect(part.split(separator: "\n").first == "accuracy  1.0000")

    // The same seed gives the same weights.
    #expect(
      try json(
        finetune(
          "train", "--validation", "0.25", "-o", "a.keras", "--epochs", "3", "--json"))["best"]
        == json(
          finetune(
            "train", "--validation", "0.25", "-o", "b.keras", "--epochs", "3", "--json", "--threads", "1"))[
          "best"])
    #expect(try workplace.keras("diff", "a.keras", "b.keras").code == 0)
  }

  @Test func theTopIsThawedAndNormalizationIsNot() throws {
    for colour in 0..<2 { try put(colour == 0 ? 4 : 9, of: colour, into: "train") }
    let head = try finetune("train", "-o", "head.keras", "--epochs", "1", "--json")
    #expect(try json(head)["class_weights"] == ["blue": 1.6666666666666667, "green": 0.7142857142857143])
    let both = try json(
      finetune(
        "train", "-o", "top.keras", "--epochs", "1", "--unfreeze", "conv_pw_13", "--fine-tune-epochs", "2",
        "--learning-rate", "0.01", "--json"))
    #expect(both["fine_tune_epochs"] == 2)
    let (before, after) = (
      try ImageModel(contentsOf: path("head.keras")), try ImageModel(contentsOf: path("top.keras"))
    )
    func changed(_ name: String) throws -> Bool {
      let pairs = zip(try before.layer(named: name).weights, try after.layer(named: name).weights)
      return pairs.contains { $0.value.scalars(as: Float.self) != $1.value.scalars(as: Float.self) }
    }
    #expect(try changed("conv_pw_13") && changed("head"))
    #expect(try !changed("conv_pw_13_bn") && !changed("conv_pw_12"))
  }

  @Test func whatCannotBeReadIsReportedOnceAndSkipped() throws {
    for colour in 0..<2 { try put(4, of: colour, into: "train") }
    try workplace.put(Array("no picture".utf8), at: "train/blue/broken.png")
    try workplace.put(Array("RIFF".utf8), at: "train/green/other.tif")
    let made = try finetune(
      "train", "-o", "a.keras", "--epochs", "1", "--unfreeze", "conv_pw_13", "--fine-tune-epochs", "2",
      "--json")
    #expect(made.code == 2)
    #expect(try json(made)["skipped"] == 2)
    let lines = made.errors.split(separator: "\n").filter { !$0.hasPrefix("  try:") }
    #expect(
      lines == [
        "error: The file's format is TIFF; JPEG, PNG, BMP, GIF and WebP are read.", "  in: train/green/other.tif",
        "error: This is not an image: it starts with the text \"no picture\".", "  in: train/blue/broken.png",
      ])
    let measured = try workplace.keras("evaluate", "a.keras", "train", "--json")
    #expect(measured.code == 2 && measured.output.hasPrefix("{\"accuracy\":"))
  }

  @Test func aPageAndAPlotSayHowItWent() throws {
    for colour in 0..<3 { try put(6, of: colour, into: "train") }
    // A class whose name wants to be markup, and what is green lies among the red ones.
    try FileManager.default.moveItem(atPath: path("train/blue"), toPath: path("train/<b>blue & co"))
    try put(2, of: 0, into: "other")
    try FileManager.default.moveItem(atPath: path("other/blue"), toPath: path("other/<b>blue & co"))
    try put(3, of: 1, into: "other")
    try put(2, of: 2, into: "other")
    try FileManager.default.moveItem(atPath: path("other/green/2.png"), toPath: path("other/red/stray.png"))
    let made = try finetune(
      "train", "--validation", "other", "-o", "colours.keras", "--find-learning-rate", "--epochs", "30",
      "--seed",
      "3", "--report", "colours.html", "--plot", "colours.svg", "--json")
    #expect(made.errors == "" && made.code == 0)
    #expect(try #require(json(made)["learning_rate"]?.number) > 0.001)
    let page = try String(contentsOfFile: path("colours.html"), encoding: .utf8)
    #expect(page.contains("<th>&lt;b&gt;blue &amp; co</th>") && !page.contains("<b>"))
    #expect(page.contains("red, taken for green<br>") && page.contains("<h2>Learning rate</h2>"))
    #expect(page.split(separator: "<svg ").count == 3 && page.split(separator: "data:image/jpeg").count == 2)
    for link in ["http:", "https:", "href", "<script"] {
      #expect(!page.replacing("http://www.w3.org/2000/svg", with: "").contains(link))
    }
    let found = try JSON(parsing: String(contentsOfFile: path("colours.json"), encoding: .utf8))
    #expect(found["confusion"] == [[2, 0, 0], [0, 2, 0], [0, 1, 2]])
    #expect(found["classes"]?.array?.map { $0["support"] } == [2, 2, 3])
    #expect(found["mistakes"]?.array?.map { $0["file"] } == ["other/red/stray.png"])
    #expect(found["histories"]?.array?.first?["metrics"]?["val_loss"]?.array?.isEmpty == false)
    #expect(try String(contentsOfFile: path("colours.svg"), encoding: .utf8).contains(">accuracy</text>"))

    let measured = try workplace.keras("evaluate", "colours.keras", "other", "--report", "again.html")
    #expect(measured.errors == "" && measured.code == 0)
    let again = try JSON(parsing: String(contentsOfFile: path("again.json"), encoding: .utf8))
    #expect(again["confusion"] == found["confusion"] && again["histories"] == [])

    #expect(
      try finetune("train", "-o", "a.keras", "--report", "a.pdf").errors.hasPrefix(
        "Error: The report to write must end in .html."))
    #expect(
      try finetune("train", "-o", "a.keras", "--plot", "a.pdf").errors.hasPrefix(
        "Error: The plot to write must end in .svg or .png."))
    #expect(
      try finetune("train", "-o", "a.keras", "--report", "nowhere/a.html").errors
        == "error: The folder of nowhere/a.html is not there, or cannot be written to.\n")
  }

  /// Ctrl-C while the top is trained leaves a model, and --resume comes to the end of a run that was left alone.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "there is no `script` here")
  )
  func goesOnAfterControlC() throws {
    for colour in 0..<3 { try put(30, of: colour, into: "train") }
    let arguments = [
      "finetune", "train", "--epochs", "1", "--unfreeze", "conv_pw_13", "--fine-tune-epochs", "40",
      "--learning-rate", "0.002", "--json", "--batch-size", "2",
    ]
    let whole = try json(workplace.start(arguments + ["-o", "whole.keras"] + base).outcome())
    #expect(whole["interrupted"] == false)
    // Tests run where signals are blocked, and what they start with them; not so in a terminal of its own.
    let line = (arguments + ["-o", "part.keras"] + base).joined(separator: " ")
    try workplace.put(
      """
      (for i in $(seq 3000); do [ -e part.keras.part/backup.npz ] && break; sleep 0.01; done; kill -INT $(cat process)) &
      sh -c 'echo $$ > process; exec keras \(line) > part.json 2> part.txt'
      echo code $?
      """.utf8, at: "interrupted.sh")
    #expect(try workplace.shell("script -qec 'sh interrupted.sh' /dev/null").output == "code 130\r\n")
    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
    #expect(try text("part.txt") == "Interrupted: the same command and --resume goes on.\n")
    let part = try JSON(parsing: text("part.json"))
    #expect(part["interrupted"] == true)
    #expect(try #require(part["fine_tune_epochs"]?.integer) < #require(whole["fine_tune_epochs"]?.integer))
    #expect(try workplace.keras("evaluate", "part.keras", "train").code == 0)

    let other = try workplace.start(arguments + ["-o", "part.keras", "--resume", "--seed", "4"] + base)
      .outcome()
    #expect(other.errors.hasPrefix("error: part.keras.part was begun with something else: seed differ.\n"))
    let resumed = try workplace.start(arguments + ["-o", "part.keras", "--resume"] + base).outcome()
    #expect(resumed.code == 0 && resumed.errors == "")
    #expect(try json(resumed)["best"] == whole["best"])
    #expect(try workplace.keras("diff", "whole.keras", "part.keras").code == 0)
    #expect(!FileManager.default.fileExists(atPath: path("part.keras.part")))
    // With nothing to go on with, it begins.
    #expect(try finetune("train", "-o", "new.keras", "--resume", "--epochs", "1").code == 0)
  }

  @Test func featuresStayWhereTheyAreWanted() throws {
    for colour in 0..<2 { try put(4, of: colour, into: "train") }
    #expect(try finetune("train", "-o", "a.keras", "--epochs", "2", "--feature-cache", "none").code == 0)
    #expect(!FileManager.default.fileExists(atPath: path("home/features")))
    #expect(try finetune("train", "-o", "b.keras", "--epochs", "2", "--feature-cache", "kept").code == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path("kept")).count == 1)
    for name in ["c.keras", "d.keras"] {
      #expect(try finetune("train", "-o", name, "--epochs", "2").code == 0)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: path("home/features")).count == 1)
    for name in ["b.keras", "c.keras", "d.keras"] {
      #expect(try workplace.keras("diff", "a.keras", name).code == 0)
    }
  }

  /// Changes reach head and top, one seed gives one result, and features are kept of what is measured on alone.
  @Test func picturesAreChanged() throws {
    for colour in 0..<3 { try put(6, of: colour, into: "train") }
    for colour in 0..<3 { try put(2, of: colour, into: "val") }
    func run(_ name: String, _ arguments: String...) throws -> JSON {
      try json(
        workplace.start(
          ["finetune", "train", "--validation", "val", "-o", name, "--epochs", "2", "--seed", "3", "--json"]
            + arguments + base
        ).outcome())
    }
    let plain = try run("plain.keras")
    let changes = ["--flip", "both", "--crop", "0.25", "--brightness", "0.3"]
    let first = try workplace.start(
      [
        "finetune", "train", "--validation", "val", "-o", "a.keras", "--epochs", "2", "--seed", "3", "--json",
        "--unfreeze", "conv_pw_13", "--fine-tune-epochs", "2", "--feature-cache", "kept",
      ] + changes + base
    ).outcome()
    #expect(first.errors == "" && first.code == 0)
    let again = try workplace.start(
      [
        "finetune", "train", "--validation", "val", "-o", "b.keras", "--epochs", "2", "--seed", "3", "--json",
        "--unfreeze", "conv_pw_13", "--fine-tune-epochs", "2", "--threads", "1",
      ] + changes + base
    ).outcome()
    #expect(try json(first)["best"] == json(again)["best"])
    #expect(try workplace.keras("diff", "a.keras", "b.keras").code == 0)
    // Six pictures to measure on, of 64 features each: a head of 48 bytes, and of each 32 + 4 · 64 + 8.
    let kept = try #require(FileManager.default.contentsOfDirectory(atPath: path("kept")).first)
    #expect(try Data(contentsOf: URL(filePath: path("kept/\(kept)"))).count == 48 + 6 * (32 + 4 * 64 + 8))
    let usual = try run("c.keras", "--augment")
    let hue = try run("d.keras", "--hue", "0.2")
    #expect(usual["best"] != plain["best"] && usual["best"] != hue["best"])
    #expect(
      try finetune("train", "-o", "a.keras", "--crop", "0.8").errors.hasPrefix(
        "Error: --crop must be from 0 to 0.75.\n"))
  }

  @Test func oneRunAtATime() throws {
    for colour in 0..<2 { try put(2, of: colour, into: "train") }
    try FileManager.default.createDirectory(atPath: path("a.keras.part"), withIntermediateDirectories: true)
    let other = open(path("a.keras.part"), O_RDONLY)
    #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
    let outcome = try finetune("train", "-o", "a.keras", "--epochs", "1")
    #expect(
      outcome
        == Outcome(
          errors: """
            error: a.keras.part is in use: another run is making the same file.
              try: wait for it to end, or name another file with -o.

            """, code: 1))
    close(other)
    #expect(try finetune("train", "-o", "a.keras", "--epochs", "1").code == 0)
    #expect(!FileManager.default.fileExists(atPath: path("a.keras.part")))
    try workplace.put("no folder".utf8, at: "b.keras.part")
    #expect(try finetune("train", "-o", "b.keras").errors.hasPrefix("error: Cannot write b.keras.part: "))
  }

  @Test func logsBecomeCurves() throws {
    try workplace.put(Array("epoch,loss,val_loss\n0,2,3\n1,1,NA\n".utf8), at: "log.csv")
    #expect(try workplace.keras("plot", "log.csv", "curves.png") == Outcome())
    #expect(try Image(contentsOf: path("curves.png")).width == 920)
    #expect(try workplace.keras("plot", "log.csv", "curves.svg") == Outcome())
    #expect(
      try workplace.keras("plot", "log.csv", "curves.pdf").errors == """
        error: A plot is written as SVG or PNG.
          in: curves.pdf
          try: let the file's name end in .svg or .png.

        """)
    try workplace.put(Array("name,size\n".utf8), at: "table.csv")
    #expect(
      try workplace.keras("plot", "table.csv", "curves.svg").errors == """
        error: The first line names no column `epoch`.
          in: table.csv
          try: name a file that CSVLogger wrote.

        """)
  }

  @Test func foldersThatAreNoClasses() throws {
    func message(_ outcome: Outcome) -> String {
      #expect(outcome.code == 1 && outcome.output == "")
      return outcome.errors
    }
    #expect(
      try message(finetune("nowhere", "-o", "a.keras"))
        == "error: Expected a folder with a folder of pictures for each class; nowhere is none that can be read.\n"
    )
    try put(2, of: 0, into: "one")
    #expect(
      try message(finetune("one", "-o", "a.keras"))
        == "error: one holds one class, blue: there is nothing to tell apart.\n  try: add a folder for each other class.\n"
    )
    #expect(
      try message(finetune("one/blue", "-o", "a.keras"))
        == "error: one/blue holds no folders: pictures lie in a folder for each class.\n")
    try FileManager.default.createDirectory(atPath: path("one/empty"), withIntermediateDirectories: true)
    #expect(
      try message(finetune("one", "-o", "a.keras"))
        == "error: The folder holds no pictures (jpg, jpeg, jpe, jfif, png, bmp, gif, webp).\n  in: one/empty\n")
    for colour in 0..<2 { try put(2, of: colour, into: "two") }
    try put(1, of: 2, into: "other")
    #expect(
      try message(finetune("two", "--validation", "other", "-o", "a.keras"))
        == "error: two has no class called `red`.\n  in: other\n  try: the classes are blue, green.\n")
    #expect(
      try message(finetune("two", "-o", "nowhere/a.keras")).hasPrefix("error: The folder of nowhere/a.keras"))
    #expect(
      try message(finetune("two", "-o", "a.keras", "--unfreeze", "conv_pw_14")).hasPrefix(
        "error: There is no layer called `conv_pw_14`."))
    #expect(!FileManager.default.fileExists(atPath: path("a.keras")))
  }

  @Test func classesByOrderOrByName() throws {
    for colour in 0..<2 { try put(1, of: colour, into: "two") }
    func evaluate(_ arguments: String...) throws -> Outcome {
      try workplace.start(["evaluate", "mobilenet", "two", "--classes", "4"] + base + arguments).outcome()
    }
    // A model that does not name its four classes.
    #expect(
      try evaluate()
        == Outcome(
          errors:
            "error: two holds 2 class folders; the model tells 4 classes apart, and does not say what they are "
            + "called.\n  try: make a folder for each class, or name the classes with --labels.\n", code: 1))
    #expect(
      try evaluate("--labels", Fixtures.labels.path)
        == Outcome(errors: "error: The model knows no class called `blue`.\n  in: two\n", code: 1))
    for name in ["c", "d"] { try workplace.put(Fixtures.picture("disc.png"), at: "two/\(name)/a.png") }
    #expect(try evaluate().output.hasPrefix("accuracy  "))
  }
}
