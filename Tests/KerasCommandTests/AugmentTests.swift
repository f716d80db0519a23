import Foundation
import KerasTestSupport
import Testing

/// `keras augment`: sheets of changed pictures.
@Suite struct AugmentTests {
  @Test func drawsASheetThatTheSeedDecides() throws {
    let workplace = try Workplace()
    try workplace.putPictures(into: "Pictures")
    let count = Fixtures.pictureNames.count
    func sheet(_ seed: String) throws -> Image {
      let arguments = [
        "augment", "Pictures", "-o", "sheet.png", "--size", "24", "--count", "3", "--seed", seed,
      ]
      #expect(try workplace.start(arguments + ["--rotation", "0.2", "--hue", "0.5"]).outcome() == Outcome())
      return try Image(contentsOf: workplace.folder.appending(path: "sheet.png").path)
    }
    let first = try sheet("1")
    #expect(first.size == ImageSize(height: min(count, 8) * 28 + 4, width: 4 * 28 + 4))
    #expect(try sheet("1") == first)
    #expect(try sheet("2") != first)
  }

  /// Pictures are read larger, and cut to the size of the sheet.
  @Test func partsAreCutOut() throws {
    let workplace = try Workplace()
    try workplace.put(Fixtures.picture("slope.jpg"), at: "a.jpg")
    let outcome = try workplace.keras(
      "augment", "a.jpg", "-o", "sheet.png", "--size", "24", "--count", "2", "--crop", "0.5")
    #expect(outcome == Outcome())
    let sheet = try Image(contentsOf: workplace.folder.appending(path: "sheet.png").path)
    #expect(sheet.size == ImageSize(height: 28 + 4, width: 3 * 28 + 4))
  }

  @Test func whatCannotBeReadIsNamed() throws {
    let workplace = try Workplace()
    try workplace.putPictures(into: "Pictures")
    try workplace.put("no picture".utf8, at: "Pictures/a.png")
    let outcome = try workplace.keras(
      "augment", "Pictures", "-o", "sheet.png", "--size", "16", "--count", "1")
    #expect(
      outcome
        == Outcome(
          errors: """
            error: This is not an image: it starts with the text "no picture".
              in: Pictures/a.png
              try: pass a JPEG, PNG, BMP, GIF or WebP file.

            """, code: 2))
    #expect(try workplace.keras("augment", "nowhere", "-o", "s.png").code == 1)
  }

  @Test(arguments: [
    (["--rotation", "2"], "Error: --rotation must be from 0 to 1."),
    (["--zoom", "1"], "Error: --zoom must be from 0 to below 1."),
    (["--crop", "0.9"], "Error: --crop must be from 0 to 0.75."),
    (["--count", "0"], "Error: --count must be from 1 to 64."),
  ])
  func wrongNumbersAreRefused(_ arguments: [String], _ message: String) throws {
    let outcome = try Workplace().start(["augment", "a.png", "-o", "s.png"] + arguments).outcome()
    #expect(outcome.errors.hasPrefix(message + "\n") && outcome.code == 64)
  }
}
