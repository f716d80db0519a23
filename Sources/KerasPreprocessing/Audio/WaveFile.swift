import KerasCore

/// A sound in a WAV file: whole numbers of 8, 16, 24 or 32 bits or floating-point ones, any number of channels.
///
/// ```swift
/// let sound = try WaveFile("word.wav")
/// print(sound.samplingRate, sound.samples.shape)
/// ```
/// Format: https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html
public struct WaveFile: Sendable {
  /// `[samples, channels]`, float32; whole numbers become numbers from −1 up to 1, as in TensorFlow.
  public let samples: Tensor
  /// Samples a second.
  public let samplingRate: Int

  private static let largestFile = 1 << 31

  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` for what is no WAV file, is damaged or ends too
  ///   early; `unsupported` for compressed sound.
  public init(_ path: String) throws(KerasError) {
    let bytes = try readFile(path, atMost: Self.largestFile)
    self = try within(path.escaped) { () throws(KerasError) in try WaveFile(bytes: bytes) }
  }

  /// - Throws: as ``init(_:)``.
  public init(bytes: [UInt8]) throws(KerasError) {
    guard bytes.count >= 12, bytes.starts(with: Array("RIFF".utf8)),
      bytes[8..<12].elementsEqual("WAVE".utf8)
    else {
      throw KerasError(.invalidFile, "This is no WAV file: it does not begin with RIFF and WAVE.")
    }
    var format: Format?
    var start = 12
    while start + 8 <= bytes.count {
      let name = bytes[start..<start + 4]
      let count = Int(bytes.littleEndian(at: start + 4, 4))
      let body = start + 8
      if name.elementsEqual("fmt ".utf8) {
        guard count >= 16, body + count <= bytes.count else {
          throw Self.damaged("its format chunk is cut short")
        }
        format = try Format(bytes[body..<body + count])
      } else if name.elementsEqual("data".utf8) {
        guard let format else { throw Self.damaged("its sound comes before its format") }
        // Who writes into a pipe does not know how much will come.
        let isOpen = count == 0xFFFF_FFFF
        guard isOpen || body + count <= bytes.count else {
          throw KerasError(
            .invalidFile,
            "The file is cut short: expected \(count) bytes of sound, found \(bytes.count - body).",
            remedy: "copy or record it again.")
        }
        samplingRate = format.samplingRate
        samples = format.samples(in: bytes[body..<(isOpen ? bytes.count : body + count)])
        return
      }
      // Chunks begin at even places.
      start = body + count + count % 2
    }
    throw Self.damaged(format == nil ? "it has no format" : "it has no sound")
  }

  private static func damaged(_ what: String) -> KerasError {
    KerasError(.invalidFile, "The WAV file is damaged: \(what).")
  }

  /// How numbers are stored.
  private struct Format {
    var isFloatingPoint: Bool
    var channels: Int
    var samplingRate: Int
    var bytesPerNumber: Int

    init(_ chunk: ArraySlice<UInt8>) throws(KerasError) {
      let chunk = Array(chunk)
      var code = Int(chunk.littleEndian(at: 0, 2))
      channels = Int(chunk.littleEndian(at: 2, 2))
      samplingRate = Int(chunk.littleEndian(at: 4, 4))
      let bits = Int(chunk.littleEndian(at: 14, 2))
      // The extended form keeps the code at the start of an identifier.
      if code == 0xFFFE, chunk.count >= 26 { code = Int(chunk.littleEndian(at: 24, 2)) }
      guard channels > 0, samplingRate > 0 else {
        throw damaged("it has \(channels) channels and \(samplingRate) samples a second")
      }
      switch (code, bits) {
      case (1, 8), (1, 16), (1, 24), (1, 32): isFloatingPoint = false
      case (3, 32), (3, 64): isFloatingPoint = true
      default:
        throw KerasError(
          .unsupported,
          "Expected PCM of 8, 16, 24 or 32 bits or floating-point numbers, found format \(code) of \(bits) bits.",
          remedy: "convert it: ffmpeg -i in.wav -c:a pcm_s16le out.wav.")
      }
      bytesPerNumber = bits / 8
    }

    /// What is left over behind the last whole sample is not looked at.
    func samples(in bytes: ArraySlice<UInt8>) -> Tensor {
      let count = bytes.count / (bytesPerNumber * channels)
      let bytes = Array(bytes)
      return Tensor(uninitialized: [count, channels], Float.self) { elements in
        for index in elements.indices { elements[index] = number(bytes, at: index * bytesPerNumber) }
      }
    }

    private func number(_ bytes: [UInt8], at place: Int) -> Float {
      let bits = bytes.littleEndian(at: place, bytesPerNumber)
      if isFloatingPoint {
        return bytesPerNumber == 4
          ? Float(bitPattern: UInt32(truncatingIfNeeded: bits)) : Float(Double(bitPattern: bits))
      }
      // 8 bits have no sign, and silence in the middle.
      if bytesPerNumber == 1 { return (Float(bits) - 128) / 128 }
      let unused = UInt64(64 - 8 * bytesPerNumber)
      let value = Int64(bitPattern: bits << unused) >> Int64(unused)
      return Float(Double(value) / Double(1 << (8 * bytesPerNumber - 1)))
    }
  }
}

extension [UInt8] {
  fileprivate func littleEndian(at place: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(self[place + $1]) << UInt64(8 * $1) }
  }
}
