import Foundation
import Keras
import KerasTestSupport
import Testing

/// `keras similar` and `keras duplicates`, with a very small model.
@Suite struct SearchTests {
  private static let model = [
    "--weights", Fixtures.weights.path, "--alpha", "0.0625", "--image-size", "32", "--batch-size", "3",
  ]
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
    try workplace.putPictures(into: "pictures")
  }

  private func run(_ arguments: String...) throws -> Outcome { try workplace.start(arguments).outcome() }

  private func index(_ name: String, _ more: String...) throws {
    #expect(
      try workplace.start(["features", "pictures", "-o", name] + Self.model + more).outcome() == Outcome())
  }

  /// The order of names in a text answer, without the numbers.
  private func names(_ output: String) -> [String] {
    output.split(separator: "\n").map { $0.split(separator: " ").last.map(String.init) ?? "" }
  }

  // MARK: similar

  /// What the file says is enough; where it says nothing, the command line does.
  @Test(arguments: FeatureFormat.allCases)
  func aPictureFindsItself(_ format: FeatureFormat) throws {
    let file = "a." + format.rawValue
    try index(file)
    let query = "pictures/slope.jpg"
    let more = format.holdsJob ? [] : ["--model", "mobilenet"] + Self.model
    let outcome = try workplace.start(["similar", query, "--index", file, "--json"] + more).outcome()
    #expect(outcome.errors == "" && outcome.code == 0)
    let answer = try JSON(parsing: outcome.output)
    let matches = try #require(answer["matches"]?.array)
    #expect(answer["file"] == .string(query) && matches.count == 3)
    #expect(matches[0]["index"] == 1 && (matches[0]["similarity"]?.number ?? 0) > 0.999999)
    #expect(matches[0]["file"] == (format == .npy ? nil : .string(query)))
    if !format.holdsJob {
      let bare = try run("similar", query, "--index", file)
      #expect(
        bare
          == Outcome(
            errors: """
              error: The index does not say which model it was computed with.
                in: \(file)
                try: name it with --model, and what else `keras features` was told; .npz, .h5 and .safetensors say it.

              """, code: 1))
    }
  }

  @Test func filesAreQueriesToo() throws {
    try index("a.npz")
    try index("b.csv")
    let found = try run("similar", "b.csv", "--index", "a.npz", "--top", "1")
    #expect(names(found.output) == Fixtures.pictureNames.flatMap { ["pictures/\($0)", "pictures/\($0)"] })
    #expect(found.code == 0)
    try index("c.npz", "--pooling", "max")
    #expect(
      try run("similar", "c.npz", "--index", "a.npz")
        == Outcome(
          errors: """
            error: The features were computed with something else than the index: pooling differs.
              in: c.npz

            """, code: 1))
    try index("d.npz", "--layer", "conv_pw_3_relu", "--layer", "conv_pw_5_relu")
    let layer = try run(
      "similar", "pictures/disc.png", "--index", "d.npz", "--layer", "conv_pw_5_relu", "--top", "1")
    #expect(names(layer.output) == ["pictures/disc.png", "pictures/disc.png"] && layer.code == 0)
    #expect(
      try run("similar", "pictures", "--index", "d.npz").errors.hasPrefix(
        "error: The file holds features of 2 layers.\n"))
    let narrow = try run("similar", "d.npz", "--index", "a.npz", "--layer", "conv_pw_3_relu")
    #expect(
      narrow.errors.hasPrefix("error: The file holds no features of the layer conv_pw_3_relu.\n")
        && narrow.code == 1)
  }

  @Test func anotherModelIsRefused() throws {
    try index("a.npz")
    for (option, message) in [
      (["--model", "vgg16"], "with --model mobilenet, not with vgg16."),
      (["--pooling", "max"], "with --pooling avg, not with max."),
      (["--alpha", "0.5"], "with --alpha 0.0625, not with 0.5."),
      (["--resize", "center-crop"], "without --resize, not with center-crop."),
    ] {
      let outcome = try workplace.start(["similar", "pictures", "--index", "a.npz"] + option).outcome()
      #expect(
        outcome
          == Outcome(
            errors: """
              error: The index was computed \(message)
                in: a.npz
                try: leave \(option[0]) out.

              """, code: 1))
    }
    let other = try MobileNet(inputShape: [32, 32, 3], alpha: 0.0625, weights: .none, classes: 4)
    try other.saveWeights(to: workplace.folder.appending(path: "other.weights.h5").path)
    #expect(
      try run("similar", "pictures", "--index", "a.npz", "--weights", "other.weights.h5").errors.hasPrefix(
        "error: The index was computed with other weights than those of mobilenet_0.06_32.\n"))
    // Width alone tells files apart that say nothing.
    try index("b.npy", "--layer", "conv_pw_1_relu")
    #expect(
      try run("similar", "b.npy", "--index", "a.npz").errors.hasPrefix(
        "error: The index holds 64 numbers for each picture, the query 4.\n"))
  }

  @Test func damagedIndexes() throws {
    for name in ["a.npz", "a.h5", "a.safetensors", "a.npy", "a.csv", "a.jsonl"] {
      try index(name)
      let whole = try Data(contentsOf: workplace.folder.appending(path: name))
      for part in [0, 1, 7, 100, whole.count / 2, whole.count - 1] {
        try workplace.put(whole.prefix(part), at: "cut-" + name)
        let outcome = try run("similar", "a.npy", "--index", "cut-" + name)
        #expect(
          outcome.code == 1 && outcome.errors.hasPrefix("error: ") && outcome.output == "", "\(name), \(part)"
        )
        #expect(try run("duplicates", "--index", "cut-" + name).code == 1)
      }
    }
    #expect(
      try run("similar", "pictures", "--index", "none.npz")
        == Outcome(errors: "error: There is no file none.npz.\n  try: check the path.\n", code: 1))
  }

  @Test func whatCannotBeReadIsLeftOut() throws {
    try index("a.npz")
    try workplace.put("no picture".utf8, at: "more/5.png")
    try workplace.put(Fixtures.picture("disc.png"), at: "more/6.png")
    let outcome = try run("similar", "more", "none.jpg", "--index", "a.npz", "--top", "1")
    #expect(names(outcome.output) == ["more/6.png", "pictures/disc.png"] && outcome.code == 2)
    #expect(outcome.errors.contains("  in: more/5.png\n") && outcome.errors.contains("  in: none.jpg\n"))
    #expect(try run("similar", "none.jpg", "--index", "a.npz").code == 1)
    try workplace.put([], at: "empty/note.txt")
    #expect(
      try run("similar", "empty", "--index", "a.npz").errors.hasPrefix("error: The folder holds no pictures"))
  }

  @Test func whatPointsNowhereIsSaid() throws {
    try workplace.put("file,f0,f1\na,1,0\nb,0,0\nc,nan,1\nd,1,1\n".utf8, at: "a.csv")
    let outcome = try run("similar", "a.csv", "--index", "a.csv", "--json")
    #expect(outcome.code == 2)
    #expect(
      outcome.errors
        == "warning: 2 pictures left out, whose features are all 0 or hold NaN or infinities: b, c\n")
    #expect(!outcome.output.lowercased().contains("nan,"))
    let lines = try outcome.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(lines.map { $0["matches"]?.array?.count } == [2, nil, nil, 2])
    #expect(
      lines[1]["error"]
        == "The picture has no direction to compare: all its features are 0.\n  in: b")
  }

  @Test func aPageOfPictures() throws {
    let name = "a <b>&\"'.png"
    try workplace.put(Fixtures.picture("stripes.png"), at: "pictures/" + name)
    try index("a.npz")
    let outcome = try run("similar", "pictures/disc.png", "--index", "a.npz", "--html", "page.html")
    #expect(outcome.code == 0)
    let page = try String(contentsOf: workplace.folder.appending(path: "page.html"), encoding: .utf8)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
    #expect(page.components(separatedBy: "src=\"data:image/jpeg;base64,").count == 6)
    #expect(page.contains("pictures/a &lt;b&gt;&amp;&quot;&#39;.png") && !page.contains("<b>"))
    #expect(!page.contains("http://") && !page.contains("https://"))
    // What is gone is said, and nothing is left beside the page.
    try FileManager.default.removeItem(at: workplace.folder.appending(path: "pictures/slope.jpg"))
    #expect(try run("similar", "pictures/disc.png", "--index", "a.npz", "--html", "page.html").code == 0)
    let again = try String(contentsOf: workplace.folder.appending(path: "page.html"), encoding: .utf8)
    #expect(again.contains("<div class=\"missing\">There is no such file.</div>"))
    #expect(try run("similar", "pictures/disc.png", "--index", "a.npz", "--html", "no/page.html").code == 1)
    let left = try FileManager.default.contentsOfDirectory(atPath: workplace.folder.path).filter {
      $0.contains(".part")
    }
    #expect(left == [])
  }

  // MARK: duplicates

  private func duplicates(_ arguments: String...) throws -> Outcome {
    try workplace.start(["duplicates"] + arguments + Self.model).outcome()
  }

  @Test func copiesAndNearCopies() throws {
    try workplace.put(Fixtures.picture("slope.jpg"), at: "pictures/z-copy.jpg")
    // The same pixels in other bytes.
    let image = try Image(contentsOf: workplace.folder.appending(path: "pictures/slope.jpg").path)
    try image.save(to: workplace.folder.appending(path: "pictures/s-again.png").path)
    let outcome = try duplicates("pictures", "--threshold", "0.999", "--html", "page.html")
    #expect(
      outcome
        == Outcome(
          output: """
            pictures/s-again.png
               1.0000  pictures/slope.jpg
               1.0000  pictures/z-copy.jpg  (the same bytes as pictures/slope.jpg)
            1 group: 3 of 5 pictures; 1 of them found by its bytes, without a model.

            """))
    let page = try String(contentsOf: workplace.folder.appending(path: "page.html"), encoding: .utf8)
    #expect(page.components(separatedBy: "<img ").count == 4)
    // Nothing is removed.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: workplace.folder.appending(path: "pictures").path)
        .count == 5)

    try index("a.npz")
    let rows = try run("duplicates", "--index", "a.npz", "--threshold", "0.999", "--json")
    let group = try #require(try JSON(parsing: rows.output)["pictures"]?.array)
    #expect(
      group.map { $0["file"]?.string } == [
        "pictures/s-again.png", "pictures/slope.jpg", "pictures/z-copy.jpg",
      ])
    #expect(group.allSatisfy { $0["similarity"]?.number == 1 && $0["same_bytes_as"] == nil })
  }

  /// Without any model: there is none to be had here.
  @Test func byTheirBytes() throws {
    try workplace.put(Fixtures.picture("slope.jpg"), at: "pictures/twin.jpg")
    try workplace.put("no picture".utf8, at: "pictures/x.png")
    #expect(
      try run("duplicates", "pictures", "--exact")
        == Outcome(
          output: """
            pictures/slope.jpg
                       pictures/twin.jpg  (the same bytes as pictures/slope.jpg)
            1 group: 2 of 5 pictures; 1 of them found by its bytes, without a model.

            """))
    #expect(
      try run("duplicates", "pictures", "--exact", "--json").output
        == "{\"pictures\":[{\"file\":\"pictures/slope.jpg\",\"index\":1},{\"file\":\"pictures/twin.jpg\",\"index\":3,"
        + "\"same_bytes_as\":\"pictures/slope.jpg\"}]}\n")
    // The same file named twice is not two.
    #expect(
      try run("duplicates", "pictures/disc.png", "pictures/disc.png", "--exact").output
        == "No duplicates among 1 picture.\n")
    #expect(try run("duplicates", "none.png", "--exact").code == 1)
  }

  @Test func badPictures() throws {
    try workplace.put("no picture".utf8, at: "pictures/x.png")
    let outcome = try duplicates("pictures", "--threshold", "1")
    #expect(outcome.output == "No duplicates among 4 pictures.\n" && outcome.code == 2)
    #expect(outcome.errors.contains("  in: pictures/x.png\n"))
    let none = try duplicates("pictures/x.png")
    #expect(none.output == "" && none.code == 1)
    try workplace.put([], at: "empty/note.txt")
    let empty = try duplicates("empty")
    #expect(
      empty.errors.hasPrefix("error: The folder holds no pictures") && empty.output == "" && empty.code == 1)
  }
}
