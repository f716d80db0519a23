import Foundation
import KerasTestSupport
import Testing

/// Pictures that cannot be read are reported and skipped.
@Suite struct BadPicturesTests {
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
    try workplace.putPictures(into: "Pictures")
  }

  @Test func theRestIsDone() throws {
    try workplace.put([], at: "Pictures/empty.png")
    try workplace.put(Array("Dear diary".utf8), at: "Pictures/note.jpg")
    let outcome = try workplace.classify("missing.jpg", "Pictures", "--top", "1")
    #expect(
      outcome
        == Outcome(
          output: """
            Pictures/disc.png
                93.9 %  round
            Pictures/slope.jpg
                49.4 %  striped
            Pictures/stripes.png
                98.6 %  striped

            """,
          errors: """
            error: There is no such file.
              in: missing.jpg
              try: check the spelling of the path.
            error: The file is empty (0 bytes).
              in: Pictures/empty.png
              try: copy or download it again.
            error: This is not an image: it starts with the text "Dear diary".
              in: Pictures/note.jpg
              try: pass a JPEG, PNG, BMP, GIF or WebP file.

            """,
          code: 2))
  }

  @Test func nothingCouldBeDone() throws {
    let outcome = try workplace.classify("missing.jpg", "nowhere/", "--csv")
    #expect(
      outcome
        == Outcome(
          output: "file,rank,index,id,label,probability\n",
          errors: """
            error: There is no such file.
              in: missing.jpg
              try: check the spelling of the path.
            error: There is no such file.
              in: nowhere/
              try: check the spelling of the path.

            """,
          code: 1))
  }

  @Test func aFolderWithoutPictures() throws {
    try workplace.put(Array("text".utf8), at: "papers/letter.txt")
    #expect(
      try workplace.classify("papers")
        == Outcome(
          errors: """
            error: The folder holds no pictures (jpg, jpeg, jpe, jfif, png, bmp, gif, webp).
              in: papers

            """,
          code: 1))
    #expect(
      try workplace.classify("papers", "--json")
        == Outcome(
          output: """
            {"error":"The folder holds no pictures (jpg, jpeg, jpe, jfif, png, bmp, gif, webp).\\n  in: papers",\
            "file":"papers"}

            """,
          code: 1))
  }

  /// Cut at fifty places, a picture is an error, never a crash or a grey one.
  @Test(arguments: ["slope.jpg", "stripes.png"])
  func truncated(_ name: String) throws {
    let whole = try Fixtures.picture(name)
    // A PNG without its last chunk, which says no more than that it is the last, is read as Pillow reads it.
    let places = (0..<50).map { $0 * (whole.count - 13) / 50 }
    for place in places {
      let ending = name.split(separator: ".")[1]
      try workplace.put(whole.prefix(place), at: "cut/\(10_000 + place).\(ending)")
    }
    let outcome = try workplace.classify("cut", "--json")
    let lines = try JSONLine.all(in: outcome.output)
    #expect(lines.count == 50)
    #expect(lines.filter { $0.error == nil }.map(\.file) == [])
    #expect(outcome.errors == "" && outcome.code == 1)
  }

  @Test func moreAnnouncedPixelsThanMemory() throws {
    let side: [UInt8] = [0, 0, 0xFF, 0xDC]
    let png =
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", side + side + [8, 2, 0, 0, 0])
      + chunk("IDAT", []) + chunk("IEND", [])
    try workplace.put(png, at: "huge.png")
    #expect(
      try workplace.classify("huge.png")
        == Outcome(
          errors: """
            error: The image is 65500 × 65500 = 4290250000 pixels; at most 178956970 are decoded.
              in: huge.png
              try: if the file can be trusted, pass a larger maximumPixelCount.

            """,
          code: 1))
  }
}

/// A chunk of a PNG file, its checksum included.
private func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
  let body = Array(type.utf8) + data
  let sum = ~body.reduce(UInt32.max) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
  }
  func bigEndian(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
  return bigEndian(UInt32(data.count)) + body + bigEndian(sum)
}

/// Wrong names and files that are not the model's weights.
@Suite struct BadModelsTests {
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
    try workplace.putPictures(into: "Pictures")
  }

  /// `keras classify` with these arguments fails: nothing on standard output, exit code 1.
  private func errors(_ arguments: String...) throws -> String {
    let outcome = try workplace.start(["classify", "Pictures/disc.png"] + arguments).outcome()
    #expect(outcome.output == "")
    #expect(outcome.code == 1)
    return outcome.errors
  }

  private var tiny: [String] { ["--alpha", "0.0625", "--image-size", "32", "--classes", "4"] }

  @Test func unknownNames() throws {
    #expect(
      try errors("--model", "resnet5O") == """
        error: There is neither a file nor a model called `resnet5O`.
          try: did you mean resnet50, resnet18, resnet34? `keras models` lists the models.

        """)
    #expect(
      try errors("--weights", "none", "--backend", "cuda") == """
        error: There is no backend called `cuda`.
          try: use one of onednn, openblas, xla, gpu.

        """)
    let outcome = try workplace.keras(
      "classify", "Pictures", "--weights", "none", "--image-size", "32",
      environment: ["KERAS_BACKEND": "cuda"])
    #expect(
      outcome
        == Outcome(
          errors: """
            error: There is no backend called `cuda`.
              in: KERAS_BACKEND
              try: use one of onednn, openblas, xla, gpu.

            """,
          code: 1))
  }

  @Test func whatDoesNotGoTogether() throws {
    #expect(
      try errors("--model", "vgg16", "--alpha", "0.5") == """
        error: vgg16 comes in one width; in several come mobilenet, mobilenetv2, mobilenetv3small, mobilenetv3large.
          try: leave --alpha out.

        """)
    #expect(
      try errors(
        "--weights", "none", "--image-size", "32", "--precision", "bfloat16", "--backend", "openblas") == """
          error: The openblas backend computes in float32, not in bfloat16.
            try: use --backend onednn.

          """)
    #expect(
      try errors("--weights", "none", "--image-size", "8") == """
        error: Images must be at least 32 × 32, found (8, 8, 3).
          in: mobilenet

        """)
  }

  @Test func withoutNetwork() throws {
    let place = workplace.models.path + "/mobilenet_2_5_224_tf.h5"
    #expect(
      try errors("--alpha", "0.25", "--offline") == """
        error: mobilenet_2_5_224_tf.h5 is not in the cache, and the store is offline.
          in: mobilenet
          try: fetch https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/\
        mobilenet_2_5_224_tf.h5 and put it at \(place), or leave out --offline and KERAS_OFFLINE.

        """)
    #expect(!FileManager.default.fileExists(atPath: workplace.home.path))
  }

  @Test func noFileOfWeights() throws {
    #expect(
      try errors("--weights", "missing.h5") == """
        error: There is no file missing.h5.
          in: mobilenet
          try: check the path.

        """)
    try workplace.put(Array("not weights".utf8), at: "text.h5")
    #expect(
      try errors("--weights", "text.h5").split(separator: "\n").dropFirst().first
        == "  in: mobilenet › text.h5")
  }

  /// A file cut anywhere is refused with a message that names it.
  @Test func truncatedWeights() throws {
    let whole = try Data(contentsOf: Fixtures.weights)
    for place in stride(from: 0, to: whole.count, by: whole.count / 12) {
      try workplace.put(whole.prefix(place), at: "cut.h5")
      let outcome = try workplace.start(
        ["classify", "Pictures/disc.png", "--weights", "cut.h5"] + tiny
      ).outcome()
      #expect(outcome.output == "" && outcome.code == 1)
      #expect(outcome.errors.hasPrefix("error: ") && outcome.errors.contains("\n  in: mobilenet › cut.h5"))
    }
  }

  @Test func weightsOfAnotherShape() throws {
    #expect(
      try errors(
        "--weights", Fixtures.weights.path, "--alpha", "0.0625", "--image-size", "32", "--classes", "5")
          == """
          error: The weights do not fit the model, in 2 places:
            conv_preds › conv_preds/kernel › Expected shape (1, 1, 64, 5), found (1, 1, 64, 4).
            conv_preds › conv_preds/bias › Expected shape (5,), found (4,).
            in: mobilenet › tiny.h5
            try: build the model with the arguments these weights were made with (classes, size, alpha, \
          includeTop), or load by name and skip what does not fit.

          """)
  }

  @Test func weightsOfAnotherModel() throws {
    let weights = ["--model", "vgg16", "--weights", Fixtures.weights.path]
    let lines = try errors(weights[0], weights[1], weights[2], weights[3], "--verbose").split(separator: "\n")
    #expect(lines.first == "error: The weights do not fit the model, in 72 places:")
    #expect(lines.contains("  block1_conv1 › The layer is in the model, but not in the file."))
    #expect(lines.contains("  conv_preds › The layer is in the file, but not in the model."))
    #expect(lines.contains("  Expected 16 layers with weights, found 55."))
    #expect(lines.contains("  in: vgg16 › tiny.h5"))
    // A terminal shows the first lines of many.
    let few = try errors(weights[0], weights[1], weights[2], weights[3]).split(separator: "\n")
    #expect(few[..<6] == lines[..<6] && few[6] == "  … and 67 more (--verbose)")
    #expect(few.count <= 9 && few[7] == "  in: vgg16 › tiny.h5")
  }

  @Test func weightsThatAreNoNumbers() throws {
    var bytes = [UInt8](try Data(contentsOf: Fixtures.weights))
    // The sixty-four 0.5 of the last normalization's beta; the first becomes NaN.
    let half: [UInt8] = [0, 0, 0, 0x3F]
    let betas = (0..<64).flatMap { _ in half }
    let place = try #require(bytes.firstRange(of: betas)).lowerBound
    bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0xC0, 0x7F])
    try workplace.put(bytes, at: "nan.h5")
    let outcome = try workplace.start(
      ["classify", "Pictures/disc.png", "--weights", "nan.h5", "--top", "1"] + tiny
    ).outcome()
    #expect(outcome.code == 0)
    #expect(
      outcome.errors.hasPrefix("warning: nan.h5 has weights that are not finite (NaN or infinity): conv_"))
  }

  @Test func labelsThatDoNotFit() throws {
    #expect(
      try errors("--labels", Fixtures.labels.path) == """
        error: \(Fixtures.labels.path) names 4 classes; the classifier knows 1000.
          try: name its model in a file with --model, or its weights with --weights.

        """)
    try workplace.put("one\n".utf8, at: "one.txt")
    #expect(
      try errors(
        "--labels", "one.txt", "--weights", Fixtures.weights.path, "--alpha", "0.0625", "--image-size", "32")
          == """
          error: one.txt names 1 class; the classifier knows 4.
            try: use the names it was trained with.

          """)
  }
}

/// Where the results go.
@Suite struct OutputTests {
  let workplace: Workplace
  let line = "keras classify many --weights none --image-size 32 --json --batch-size 4"

  init() throws {
    workplace = try Workplace()
    let disc = try Fixtures.picture("disc.png")
    for number in 100..<300 { try workplace.put(disc, at: "many/\(number).png") }
  }

  @Test func aReaderMayLeave() throws {
    let outcome = try workplace.shell("\(line) | head -n 1 | cut -c 1-22")
    #expect(outcome == Outcome(output: #"{"file":"many/100.png""# + "\n"))
    // Also where a parent has taught it to ignore the signal.
    let ignoring = try workplace.shell("trap '' PIPE; \(line) | head -n 1 | cut -c 1-22")
    #expect(ignoring == outcome)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full here"))
  func aFullDisk() throws {
    #expect(
      try workplace.shell("\(line) > /dev/full")
        == Outcome(
          errors: "error: Standard output cannot be written: No space left on device.\n", code: 1))
  }

  @Test func everyPictureHasALine() throws {
    let outcome = try workplace.shell(line)
    #expect(outcome.errors == "" && outcome.code == 0)
    #expect(try JSONLine.all(in: outcome.output).map(\.file) == (100..<300).map { "many/\($0).png" })
  }
}

/// Names as file systems have them: other encodings, and what would steer a terminal.
@Suite struct OddNamesTests {
  @Test func areShownSafely() throws {
    let workplace = try Workplace()
    let disc = try Fixtures.picture("disc.png")
    try workplace.put(disc, at: "a\u{1B}[31m.png")
    try workplace.put([], at: "b\u{1B}[31m.png")
    #expect(
      try workplace.shell(#"cp a*.png "$(printf 'caf\351.png')" && mkdir folder && mv *.png folder"#)
        == Outcome())
    #expect(
      try workplace.classify("folder", "--top", "1")
        == Outcome(
          output: """
            folder/a\\u{1B}[31m.png
                93.9 %  round
            folder/caf\\xE9.png
                93.9 %  round

            """,
          errors: """
            error: The file is empty (0 bytes).
              in: folder/b\\u{1B}[31m.png
              try: copy or download it again.

            """, code: 2))
    // Named outright, too.
    let model = "--weights \(Fixtures.weights.path) --alpha 0.0625 --image-size 32 --classes 4"
    let outcome = try workplace.shell(
      #"cd folder && keras classify "$(printf 'caf\351.png')" --top 1 "# + model)
    #expect(outcome == Outcome(output: "caf\\xE9.png\n    93.9 %  class 1\n"))
  }

  @Test func otherKindsOfPicturesAreNamed() throws {
    let workplace = try Workplace()
    try workplace.putPictures(into: "Pictures")
    try workplace.put("RIFF".utf8, at: "Pictures/a.tif")
    try workplace.put("x".utf8, at: "Pictures/b.HEIC")
    try workplace.put("x".utf8, at: "Pictures/letter.txt")
    #expect(try workplace.shell("mkfifo Pictures/pipe.jpg") == Outcome())
    let outcome = try workplace.classify("Pictures", "--top", "2")
    #expect(
      outcome
        == Outcome(
          output: ClassifyTests.text,
          errors: """
            error: The file's format is TIFF; JPEG, PNG, BMP, GIF and WebP are read.
              in: Pictures/a.tif
              try: convert it to PNG first.
            error: The file's format is HEIF; JPEG, PNG, BMP, GIF and WebP are read.
              in: Pictures/b.HEIC
              try: convert it to PNG first.
            error: This is no file but a pipe, a socket or a device.
              in: Pictures/pipe.jpg

            """, code: 2))
  }
}
