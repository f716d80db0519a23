import Foundation
import KerasCore
import KerasPreprocessing
import Testing

/// BMP and WebP files that Pillow wrote, and the pixels it reads from them.
@Suite struct OtherFormatsTests {
  struct File: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let colors: [UInt8]
    let grays: [UInt8]

    init(_ name: String, _ base64: String, _ colors: [UInt8], _ grays: [UInt8]) {
      testDescription = name
      bytes = Array(Data(base64Encoded: base64) ?? Data())
      (self.colors, self.grays) = (colors, grays)
    }
  }

  // swift-format-ignore
  static let files: [File] = [
    File(
      "24 bits",
      "Qk1mAAAAAAAAADYAAAAoAAAABQAAAAMAAAABABgAAAAAADAAAADEDgAAxA4AAAAAAAAAAAAAyfTBplFI3rKmAPBK8fkTALyx"
        + "KHMdCITjZKpua7wslgAtFc/NLjwKld5uVRhDep8A",
      [207, 21, 45, 60, 46, 205, 222, 149, 10, 24, 85, 110, 159, 122, 67, 40, 177, 188, 8, 29, 115, 100,
      227, 132, 107, 110, 170, 150, 44, 188, 193, 244, 201, 72, 81, 166, 166, 178, 222, 74, 240, 0, 19,
      249, 241],
      [79, 68, 155, 70, 127, 137, 33, 178, 116, 92, 224, 88, 179, 163, 179]),
    File(
      "palette of 8 bits",
      "Qk1qAAAAAAAAAFIAAAAoAAAABQAAAAMAAAABAAgAAAAAABgAAADEDgAAxA4AAAcAAAAHAAAAudiZAHn1LwAniL8AvLEoAK9O"
        + "bgAtFc8AjzUfAAAEAAEDAAAAAwYBBAQAAAAFBAIGAgAAAA==",
      [207, 21, 45, 110, 78, 175, 191, 136, 39, 31, 53, 143, 191, 136, 39, 40, 177, 188, 31, 53, 143, 47,
      245, 121, 110, 78, 175, 110, 78, 175, 153, 216, 185, 110, 78, 175, 153, 216, 185, 47, 245, 121, 40,
      177, 188],
      [79, 99, 141, 57, 141, 137, 57, 172, 99, 99, 194, 99, 194, 172, 137]),
    File(
      "1 bit",
      "Qk1KAAAAAAAAAD4AAAAoAAAABQAAAAMAAAABAAEAAAAAAAwAAADEDgAAxA4AAAIAAAACAAAAAAAAAP///wC4AAAAoAAAACgA"
        + "AAA=",
      [0, 0, 0, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0, 255, 255, 255, 0,
      0, 0, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255],
      [0, 0, 255, 0, 255, 255, 0, 255, 0, 0, 255, 0, 255, 255, 255]),
    File(
      "grey",
      "Qk1OBAAAAAAAADYEAAAoAAAABQAAAAMAAAABAAgAAAAAABgAAADEDgAAxA4AAAABAAAAAQAAAAAAAAEBAQACAgIAAwMDAAQE"
        + "BAAFBQUABgYGAAcHBwAICAgACQkJAAoKCgALCwsADAwMAA0NDQAODg4ADw8PABAQEAAREREAEhISABMTEwAUFBQAFRUVABYW"
        + "FgAXFxcAGBgYABkZGQAaGhoAGxsbABwcHAAdHR0AHh4eAB8fHwAgICAAISEhACIiIgAjIyMAJCQkACUlJQAmJiYAJycnACgo"
        + "KAApKSkAKioqACsrKwAsLCwALS0tAC4uLgAvLy8AMDAwADExMQAyMjIAMzMzADQ0NAA1NTUANjY2ADc3NwA4ODgAOTk5ADo6"
        + "OgA7OzsAPDw8AD09PQA+Pj4APz8/AEBAQABBQUEAQkJCAENDQwBEREQARUVFAEZGRgBHR0cASEhIAElJSQBKSkoAS0tLAExM"
        + "TABNTU0ATk5OAE9PTwBQUFAAUVFRAFJSUgBTU1MAVFRUAFVVVQBWVlYAV1dXAFhYWABZWVkAWlpaAFtbWwBcXFwAXV1dAF5e"
        + "XgBfX18AYGBgAGFhYQBiYmIAY2NjAGRkZABlZWUAZmZmAGdnZwBoaGgAaWlpAGpqagBra2sAbGxsAG1tbQBubm4Ab29vAHBw"
        + "cABxcXEAcnJyAHNzcwB0dHQAdXV1AHZ2dgB3d3cAeHh4AHl5eQB6enoAe3t7AHx8fAB9fX0Afn5+AH9/fwCAgIAAgYGBAIKC"
        + "ggCDg4MAhISEAIWFhQCGhoYAh4eHAIiIiACJiYkAioqKAIuLiwCMjIwAjY2NAI6OjgCPj48AkJCQAJGRkQCSkpIAk5OTAJSU"
        + "lACVlZUAlpaWAJeXlwCYmJgAmZmZAJqamgCbm5sAnJycAJ2dnQCenp4An5+fAKCgoAChoaEAoqKiAKOjowCkpKQApaWlAKam"
        + "pgCnp6cAqKioAKmpqQCqqqoAq6urAKysrACtra0Arq6uAK+vrwCwsLAAsbGxALKysgCzs7MAtLS0ALW1tQC2trYAt7e3ALi4"
        + "uAC5ubkAurq6ALu7uwC8vLwAvb29AL6+vgC/v78AwMDAAMHBwQDCwsIAw8PDAMTExADFxcUAxsbGAMfHxwDIyMgAycnJAMrK"
        + "ygDLy8sAzMzMAM3NzQDOzs4Az8/PANDQ0ADR0dEA0tLSANPT0wDU1NQA1dXVANbW1gDX19cA2NjYANnZ2QDa2toA29vbANzc"
        + "3ADd3d0A3t7eAN/f3wDg4OAA4eHhAOLi4gDj4+MA5OTkAOXl5QDm5uYA5+fnAOjo6ADp6ekA6urqAOvr6wDs7OwA7e3tAO7u"
        + "7gDv7+8A8PDwAPHx8QDy8vIA8/PzAPT09AD19fUA9vb2APf39wD4+PgA+fn5APr6+gD7+/sA/Pz8AP39/QD+/v4A////AOBY"
        + "s6OzAAAAiSGydFwAAABPRJtGfwAAAA==",
      [79, 79, 79, 68, 68, 68, 155, 155, 155, 70, 70, 70, 127, 127, 127, 137, 137, 137, 33, 33, 33, 178,
      178, 178, 116, 116, 116, 92, 92, 92, 224, 224, 224, 88, 88, 88, 179, 179, 179, 163, 163, 163, 179,
      179, 179],
      [79, 68, 155, 70, 127, 137, 33, 178, 116, 92, 224, 88, 179, 163, 179]),
    File(
      "32 bits",
      "Qk1yAAAAAAAAADYAAAAoAAAABQAAAAMAAAABACAAAAAAADwAAADEDgAAxA4AAAAAAAAAAAAAyfTBxaZRSHnesqYHAPBKQfH5"
        + "E7S8sSipcx0IlYTjZD6qbmt4vCyWMC0Vz0zNLjwjCpXeUG5VGAtDep/k",
      [207, 21, 45, 60, 46, 205, 222, 149, 10, 24, 85, 110, 159, 122, 67, 40, 177, 188, 8, 29, 115, 100,
      227, 132, 107, 110, 170, 150, 44, 188, 193, 244, 201, 72, 81, 166, 166, 178, 222, 74, 240, 0, 19,
      249, 241],
      [79, 68, 155, 70, 127, 137, 33, 178, 116, 92, 224, 88, 179, 163, 179]),
    File(
      "lossless",
      "UklGRn4AAABXRUJQVlA4THIAAAAvBIAAAHdgpraN9ZcwaWAySaKZLn/Ww5HB0URRJEmNgcsngWf+ZfOIwQAK1ESy1fxAm4ML"
        + "DGCAEt1ZABboqGnmP97f61r8TeGQIDA6HSW+aEayN6t2YRYuX0plp4GaACAYeyTQQQAxNPaLGNH/6M9bnQI=",
      [207, 21, 45, 60, 46, 205, 222, 149, 10, 24, 85, 110, 159, 122, 67, 40, 177, 188, 8, 29, 115, 100,
      227, 132, 107, 110, 170, 150, 44, 188, 193, 244, 201, 72, 81, 166, 166, 178, 222, 74, 240, 0, 19,
      249, 241],
      [79, 68, 155, 70, 127, 137, 33, 178, 116, 92, 224, 88, 179, 163, 179]),
    File(
      "lossy",
      "UklGRn4AAABXRUJQVlA4IHIAAABQAgCdASoFAAMAAUAmJbACdDKgOlABuUde3jAA3mfQO3R/+JiX688Ns/o66qR9tVBHUuG0"
        + "//g+GwUg/Qiu4oA4Zlv1//BD3rP/R5/6XOcP8Qkr/MBu830J+//7Uh/+Jj/tTeXBD//2v//d3n/qb/+cyAA=",
      [80, 71, 140, 58, 58, 101, 136, 156, 145, 69, 72, 53, 158, 111, 134, 139, 139, 194, 16, 27, 53, 162,
      195, 166, 87, 120, 84, 78, 93, 102, 208, 229, 255, 68, 101, 97, 148, 207, 141, 107, 200, 130, 85,
      223, 202],
      [82, 63, 149, 69, 128, 145, 27, 182, 106, 90, 226, 91, 182, 164, 179]),
    File(
      "lossless with opacity",
      "UklGRpQAAABXRUJQVlA4TIgAAAAvBIAAEHdgpraN9ZcwaWAySaKZLn/Ww5HB0URRJEmNgcsngWf+ZfOIwQAK1ESy1fxAm4ML"
        + "DGCAEt1ZABboqGnUBADBdPMpIIMEWvh4pZh5FBHvL69rjb9P4ZAE8YxuO0rnizAj4d5s1S5jFnT5klLDTnOoCQCCsUcCHQQQ"
        + "Q2O/iBH9j/681SkA",
      [207, 21, 45, 60, 46, 205, 222, 149, 10, 24, 85, 110, 159, 122, 67, 40, 177, 188, 8, 29, 115, 100,
      227, 132, 107, 110, 170, 150, 44, 188, 193, 244, 201, 72, 81, 166, 166, 178, 222, 74, 240, 0, 19,
      249, 241],
      [79, 68, 155, 70, 127, 137, 33, 178, 116, 92, 224, 88, 179, 163, 179]),
  ]

  @Test(arguments: files)
  func pixelsAreThoseOfPillow(_ file: File) throws {
    // Where libwebp is not installed, its files are refused in words.
    if file.bytes.starts(with: "RIFF".utf8), (try? Image(data: file.bytes)) == nil {
      return try refusesWithoutLibrary(file)
    }
    let image = try Image(data: file.bytes)
    #expect(image.pixels == file.colors && image.size == ImageSize(height: 3, width: 5))
    #expect(try Image(data: file.bytes, colorMode: .grayscale).pixels == file.grays)
    let opaque = try Image(data: file.bytes, colorMode: .rgba)
    #expect(stride(from: 0, to: 60, by: 4).flatMap { opaque.pixels[$0..<$0 + 3] } == file.colors)
  }

  private func refusesWithoutLibrary(_ file: File) throws {
    let error = #expect(throws: KerasError.self) { try Image(data: file.bytes) }
    #expect(error?.kind == .unsupported && error?.what.contains("is not installed") == true)
  }

  /// Every cut and many changed bytes: an error or a picture, and never a crash.
  @Test(arguments: files)
  func damagedFilesAreRefused(_ file: File) throws {
    for end in 0..<file.bytes.count { _ = try? Image(data: file.bytes[..<end], maximumPixelCount: 10_000) }
    var generator = SystemRandomNumberGenerator()
    for place in file.bytes.indices {
      for _ in 0..<8 {
        var bytes = file.bytes
        bytes[place] = .random(in: 0...255, using: &generator)
        _ = try? Image(data: bytes, maximumPixelCount: 10_000)
      }
    }
  }

  @Test func compressedBitmapsSayThatTheyAre() throws {
    var bytes = try #require(Self.files.first { $0.testDescription == "palette of 8 bits" }).bytes
    bytes[30] = 1
    let error = #expect(throws: KerasError.self) { try Image(data: bytes) }
    #expect(error?.description == "The BMP file is compressed (method 1).\n  try: convert it to PNG first.")
  }

  @Test func sheetsHoldPicturesInCells() throws {
    func picture(_ width: Int, _ height: Int, _ value: UInt8) throws -> Image {
      try Image(
        width: width, height: height, mode: .grayscale,
        pixels: [UInt8](repeating: value, count: width * height))
    }
    let sheet = try Image.sheet([[picture(2, 1, 10), picture(1, 1, 20)], [picture(2, 1, 30)]], gap: 1)
    #expect(sheet.size == ImageSize(height: 5, width: 7))
    let red = stride(from: 0, to: sheet.pixels.count, by: 3).map { sheet.pixels[$0] }
    #expect(
      red == [
        255, 255, 255, 255, 255, 255, 255, 255, 10, 10, 255, 20, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 30,
        30, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
      ])
    let error = #expect(throws: KerasError.self) { try Image.sheet([]) }
    #expect(error?.what == "A sheet needs at least one picture.")
  }
}
