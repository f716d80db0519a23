import Foundation
import KerasCore
import KerasPreprocessing
import Testing

@Suite struct BadFilesTests {
  /// The message for a file of these bytes, its folder left out.
  private func messageFor(_ bytes: [UInt8], named name: String = "a.jpg") throws -> String {
    var text = ""
    try withTemporaryFolder { folder in
      let path = folder + "/" + name
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      text = message { () throws(KerasError) in try Image(contentsOf: path) }
        .replacingOccurrences(of: folder + "/", with: "")
    }
    return text
  }

  @Test func missingFile() {
    #expect(
      message { () throws(KerasError) in try Image(contentsOf: "/nowhere/cat.jpg") } == """
        There is no such file.
          in: /nowhere/cat.jpg
          try: check the spelling of the path.
        """)
  }

  @Test func folder() throws {
    try withTemporaryFolder { folder in
      #expect(
        message { () throws(KerasError) in try Image(contentsOf: folder) } == """
          This is a folder, not an image file.
            in: \(folder)
            try: name a file inside it.
          """)
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func unreadableFile() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/secret.png"
      try Data([1]).write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
      #expect(
        message { () throws(KerasError) in try Image(contentsOf: path) } == """
          The file cannot be opened: Permission denied.
            in: \(path)
          """)
    }
  }

  @Test func emptyFile() throws {
    #expect(
      try messageFor([]) == """
        The file is empty (0 bytes).
          in: a.jpg
          try: copy or download it again.
        """)
    #expect(
      message { () throws(KerasError) in try Image(data: []) } == """
        The file is empty (0 bytes).
          try: copy or download it again.
        """)
  }

  @Test func textNamedJPEG() throws {
    #expect(
      try messageFor(Array("<!DOCTYPE html>\n<html>not a picture</html>\n".utf8)) == """
        This is not an image: it starts with the text "<!DOCTYPE html>".
          in: a.jpg
          try: pass a JPEG, PNG, BMP, GIF or WebP file.
        """)
    #expect(
      try messageFor([0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 9]) == """
        This is not an image: it starts with the bytes 7F 45 4C 46 02 01 01 00.
          in: a.jpg
          try: pass a JPEG, PNG, BMP, GIF or WebP file.
        """)
  }

  /// The beginnings of files of other formats; a dot stands for a zero byte.
  static let otherFormats: [(name: String, start: String)] = [
    ("TIFF", "II*."),
    ("TIFF", "MM.*"), ("AVIF", "....ftypavif"), ("HEIF", "....ftypheic"), ("JPEG 2000", "...\u{0C}jP  "),
    ("Photoshop", "8BPS"), ("ICO", "..\u{01}.\u{01}."), ("Netpbm", "P6\n2 2\n255\n"),
  ]

  @Test(arguments: otherFormats)
  func formatsThatAreNotRead(_ name: String, _ start: String) throws {
    let bytes = start.utf8.map { $0 == UInt8(ascii: ".") ? 0 : $0 }
    #expect(
      try messageFor(bytes, named: "picture") == """
        The file's format is \(name); JPEG, PNG, BMP, GIF and WebP are read.
          in: picture
          try: convert it to PNG first.
        """)
  }

  /// Every cut is an error with the same words, wherever it falls.
  @Test(arguments: [
    "baseline-2.jpg", "progressive-1.jpg", "png-2-8-0.png", "png-6-16-1.png", "png-3-4-2.png",
  ])
  func truncatedFile(_ name: String) throws {
    let file = try ImageGoldens.file(name)
    let isPNG = name.hasSuffix("png")
    // A PNG without its last 16 bytes (a checksum and the end mark) still has all of its pixels, and a
    // baseline JPEG without its last two: like Pillow, we read those.
    let end = file.count - (isPNG ? 16 : 2)
    let start = isPNG ? 8 : 4
    for cut in Set((0..<50).map { start + $0 * (end - start) / 50 }) {
      #expect(
        message { () throws(KerasError) in try Image(data: file.prefix(cut)) } == """
          The \(isPNG ? "PNG" : "JPEG") data end before the image does (the file has \(cut) bytes).
            try: copy or download the file again.
          """)
    }
    // Without its end mark only.
    let cut = file.prefix(isPNG ? file.count - 12 : file.count)
    #expect(try Image(data: cut) == Image(data: file))
  }

  @Test func hugePNG() throws {
    var file = try ImageGoldens.file("png-2-8-0.png")
    file.replaceSubrange(16..<24, with: [0, 0, 0xFF, 0xDC, 0, 0, 0xFF, 0xDC])
    #expect(
      try messageFor(file) == """
        The image is 65500 × 65500 = 4290250000 pixels; at most 178956970 are decoded.
          in: a.jpg
          try: if the file can be trusted, pass a larger maximumPixelCount.
        """)
    file.replaceSubrange(16..<24, with: [UInt8](repeating: 0xFF, count: 8))
    #expect(
      try messageFor(file) == """
        The image is 4294967295 × 4294967295 pixels; no side may be longer than 1000000.
          in: a.jpg
        """)
  }

  @Test func hugeJPEG() throws {
    var file = try ImageGoldens.file("baseline-2.jpg")
    let frame = try #require(file.indices.first { file[$0...].starts(with: [0xFF, 0xC0]) })
    file.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    #expect(
      try messageFor(file) == """
        The image is 65500 × 65500 = 4290250000 pixels; at most 178956970 are decoded.
          in: a.jpg
          try: if the file can be trusted, pass a larger maximumPixelCount.
        """)
  }

  @Test func zeroSizes() throws {
    var file = try ImageGoldens.file("png-2-8-0.png")
    file.replaceSubrange(16..<20, with: [0, 0, 0, 0])
    #expect(
      try messageFor(file) == """
        The image has no pixels: 0 × 9.
          in: a.jpg
        """)
    file = try ImageGoldens.file("baseline-2.jpg")
    let frame = try #require(file.indices.first { file[$0...].starts(with: [0xFF, 0xC0]) })
    file.replaceSubrange(frame + 5..<frame + 7, with: [0, 0])
    #expect(
      try messageFor(file) == """
        The JPEG data cannot be decoded: Empty JPEG image (DNL not supported).
          in: a.jpg
        """)
  }

  /// The file with a wrong checksum behind a chunk.
  private func file(_ name: String, withWrongChecksumOf chunk: String) throws -> [UInt8] {
    var file = try ImageGoldens.file(name)
    let start = try #require(file.indices.first { file[$0...].starts(with: chunk.utf8) })
    let length = file[start - 4..<start].reduce(0) { $0 << 8 | Int($1) }
    file[start + 4 + length] ^= 1
    return file
  }

  /// Pillow 13 looks at the checksums before the pixels, and at none of those behind them; zlib's it does check.
  @Test(arguments: ["IDAT", "IEND"]) func checksumsPillowPassesOver(_ chunk: String) throws {
    for name in ["png-2-8-0.png", "png-3-4-2.png", "png-6-16-1.png"] {
      let damaged = try Image(data: file(name, withWrongChecksumOf: chunk))
      #expect(try damaged == Image(data: ImageGoldens.file(name)), "\(name)")
    }
  }

  /// The file with zlib's checksum (Adler-32) wrong, and the pixel data in two chunks, of which the second has `count`
  /// bytes; 0 for one chunk.
  private func fileWithWrongAdler(secondChunk count: Int) throws -> [UInt8] {
    let file = try ImageGoldens.file("png-2-8-0.png")
    let start = try #require(file.indices.first { file[$0...].starts(with: Array("IDAT".utf8)) })
    let length = file[start - 4..<start].reduce(0) { $0 << 8 | Int($1) }
    var data = Array(file[start + 4..<start + 4 + length])
    data[length - 1] ^= 1
    let parts = count == 0 ? [data] : [Array(data.dropLast(count)), Array(data.suffix(count))]
    func bytes(_ number: Int) -> [UInt8] {
      [24, 16, 8, 0].map { (shift: Int) -> UInt8 in UInt8(truncatingIfNeeded: number >> shift) }
    }
    var changed = Array(file[..<(start - 4)])
    for part in parts {
      let body = Array("IDAT".utf8) + part
      changed += bytes(part.count)
      changed += body
      changed += bytes(Int(crc32(body)))
    }
    changed += file[(start + 8 + length)...]
    return changed
  }

  /// As Pillow 13 says where it comes together with the last pixels. Where it is split off, Pillow has stopped reading
  /// before it; the file is damaged all the same.
  @Test(arguments: [0, 1, 3, 4])
  func zlibsChecksum(secondChunk: Int) throws {
    #expect(
      try messageFor(fileWithWrongAdler(secondChunk: secondChunk)) == """
        The PNG data are damaged: IDAT: incorrect data check.
          in: a.jpg
          try: copy or download the file again.
        """)
  }

  @Test func wrongChecksum() throws {
    for (name, chunk) in [("png-2-8-0.png", "IHDR"), ("png-3-8-0.png", "PLTE"), ("png-2-8-0.png", "gAMA")] {
      let file = try file(name, withWrongChecksumOf: chunk)
      #expect(
        try messageFor(file) == """
          The PNG data are damaged: \(chunk): CRC error.
            in: a.jpg
            try: copy or download the file again.
          """)
    }
  }

  @Test func damagedHeader() throws {
    var file = try ImageGoldens.file("png-2-8-0.png")
    file[25] = 5
    #expect(
      try messageFor(file) == """
        The PNG data are damaged: colour type 5 with 8 bits does not exist.
          in: a.jpg
          try: copy or download the file again.
        """)
    file[12] = 0x49 ^ 1
    #expect(
      try messageFor(file) == """
        The PNG data are damaged: it does not begin with a header.
          in: a.jpg
          try: copy or download the file again.
        """)
  }

  /// Damage at every place: an error or a picture, never a crash, and nothing is left behind in memory.
  @Test(arguments: [
    "baseline-cmyk.jpg", "progressive-2.jpg", "png-3-4-3.png", "turned-8.jpg", "png-6-8-1.png",
  ])
  func damageAnywhere(_ name: String) throws {
    let file = try ImageGoldens.file(name)
    func damageAll() {
      for position in file.indices {
        for value: UInt8 in [0x00, 0xFF, file[position] ^ 0x10] {
          var damaged = file
          damaged[position] = value
          _ = try? Image(data: damaged, colorMode: .rgba, orientation: .apply, maximumPixelCount: 100_000)
        }
      }
    }
    damageAll()
    let before = residentByteCount()
    damageAll()
    damageAll()
    // A single leaked decoder a file (50 KB) would make hundreds of megabytes.
    #expect(residentByteCount() - before < 30_000_000)
  }

  private func residentByteCount() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
  }
}
