import KerasCore
import KerasPreprocessing
import Testing

@Suite struct WaveFileTests {
  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A WAV file of these bytes of sound.
  private func wave(
    _ data: [UInt8], code: Int = 1, bits: Int = 16, channels: Int = 1, rate: Int = 8000, said: Int? = nil,
    before: [UInt8] = [], extended: Bool = false
  ) -> [UInt8] {
    var format = little(extended ? 0xFFFE : code, 2) + little(channels, 2) + little(rate, 4)
    format += little(rate * channels * bits / 8, 4) + little(channels * bits / 8, 2) + little(bits, 2)
    if extended {
      format +=
        little(22, 2) + little(bits, 2) + little(0, 4) + little(code, 2) + [UInt8](repeating: 0, count: 14)
    }
    let chunks =
      Array("fmt ".utf8) + little(format.count, 4) + format + before + Array("data".utf8)
      + little(said ?? data.count, 4) + data
    return Array("RIFF".utf8) + little(4 + chunks.count, 4) + Array("WAVE".utf8) + chunks
  }

  private func floats(_ numbers: [Float]) -> [UInt8] { numbers.flatMap { little(Int($0.bitPattern), 4) } }

  @Test func wholeNumbersAreScaled() throws {
    func samples(_ bytes: [UInt8], bits: Int) throws -> [Float] {
      try WaveFile(bytes: wave(bytes, bits: bits)).samples.scalars()
    }
    #expect(try samples([0, 128, 192, 255], bits: 8) == [-1, 0, 0.5, 127.0 / 128])
    #expect(try samples([0, 0x80, 0, 0, 0, 0x40, 0xFF, 0x7F], bits: 16) == [-1, 0, 0.5, 32767.0 / 32768])
    #expect(try samples([0, 0, 0x80, 0, 0, 0x40], bits: 24) == [-1, 0.5])
    #expect(try samples([0, 0, 0, 0x80, 0, 0, 0, 0x40], bits: 32) == [-1, 0.5])
  }

  @Test func floatingPointNumbersStayAsTheyAre() throws {
    #expect(
      try WaveFile(bytes: wave(floats([0.25, -3]), code: 3, bits: 32)).samples.scalars() == [0.25, -3]
        as [Float])
    let double = little(Int(bitPattern: UInt(0.125.bitPattern)), 8)
    #expect(try WaveFile(bytes: wave(double, code: 3, bits: 64)).samples.scalars() == [0.125] as [Float])
    let extended = wave(floats([0.5]), code: 3, bits: 32, extended: true)
    #expect(try WaveFile(bytes: extended).samples.scalars() == [0.5] as [Float])
  }

  @Test func channelsAreColumnsAndOtherChunksPassedOver() throws {
    let list = Array("LIST".utf8) + little(3, 4) + [1, 2, 3, 0]
    let sound = try WaveFile(
      bytes: wave([0, 0, 0, 64, 0, 192, 0, 0], channels: 2, rate: 44_100, before: list))
    #expect(sound.samplingRate == 44_100)
    #expect(sound.samples.shape == [2, 2])
    #expect(sound.samples.scalars() == [0, 0.5, -0.5, 0] as [Float])
  }

  @Test func lengthsThatAreOpenEndWithTheFile() throws {
    #expect(try WaveFile(bytes: wave([0, 64], said: 0xFFFF_FFFF)).samples.shape == [1, 1])
  }

  @Test func wrongFilesAreToldInWords() throws {
    func words(_ bytes: [UInt8]) -> String? {
      failure { () throws(KerasError) in _ = try WaveFile(bytes: bytes) }
    }
    #expect(words([]) == "This is no WAV file: it does not begin with RIFF and WAVE.")
    #expect(
      words(wave([0, 0, 0, 0], said: 10)) == """
        The file is cut short: expected 10 bytes of sound, found 4.
          try: copy or record it again.
        """)
    let whole = wave([0, 0])
    #expect(words(Array(whole.prefix(20))) == "The WAV file is damaged: its format chunk is cut short.")
    #expect(words(Array(whole.prefix(36))) == "The WAV file is damaged: it has no sound.")
    #expect(words(Array(whole.prefix(12))) == "The WAV file is damaged: it has no format.")
    #expect(
      words(Array(whole.prefix(12)) + Array("data".utf8) + little(0, 4))
        == "The WAV file is damaged: its sound comes before its format.")
    #expect(
      words(wave([0], channels: 0)) == "The WAV file is damaged: it has 0 channels and 8000 samples a second."
    )
    #expect(
      words(wave([0], code: 0x55, bits: 0)) == """
        Expected PCM of 8, 16, 24 or 32 bits or floating-point numbers, found format 85 of 0 bits.
          try: convert it: ffmpeg -i in.wav -c:a pcm_s16le out.wav.
        """)
  }

  /// Cut and changed anywhere, a file is refused or read, and nothing else happens.
  @Test func anyByteMayBeWrong() throws {
    let whole = wave(
      [UInt8](repeating: 7, count: 40), channels: 2, before: Array("LIST".utf8) + little(2, 4) + [0, 0])
    var random = NumPyRandom(seed: 1)
    for _ in 0..<3000 {
      var bytes = whole
      for _ in 0..<random.integer(in: 1..<5) {
        bytes[random.integer(in: 0..<bytes.count)] = UInt8(random.integer(in: 0..<256))
      }
      bytes.removeLast(random.integer(in: 0..<bytes.count))
      _ = failure { () throws(KerasError) in _ = try WaveFile(bytes: bytes) }
    }
  }

  /// Files without a single sample, as Keras batches them.
  @Test func soundsWithoutSamplesHaveChannels() throws {
    let scratch = try Scratch()
    for name in ["a/x.wav", "a/y.wav"] { try scratch.write(wave([], channels: 2), to: name) }
    func shape(_ length: Int?) throws -> [Int]? {
      try AudioFolder(scratch.path, length: length).data().batches(inEpoch: 0).next()?.inputs[0].shape
    }
    #expect(try shape(nil) == [2, 0, 2])
    #expect(try shape(3) == [2, 3, 2])
  }

  @Test func foldersOfSoundsAreFilledUp() throws {
    let scratch = try Scratch()
    try scratch.write(wave([0, 64, 0, 64]), to: "no/a.wav")
    try scratch.write(wave([0, 192]), to: "yes/b.WAV")
    let folder = try AudioFolder(scratch.path)
    let batch = try #require(try folder.data().batches(inEpoch: 0).next())
    #expect(batch.inputs[0].shape == [2, 2, 1])
    #expect(batch.inputs[0].scalars() == [0.5, 0.5, -0.5, 0] as [Float])
    #expect(batch.targets[0].scalars() == [0, 1] as [Int])
    let cut = try #require(try AudioFolder(scratch.path, length: 1).data().batches(inEpoch: 0).next())
    #expect(cut.inputs[0].scalars() == [0.5, -0.5] as [Float])
    try scratch.write(wave([0, 0], rate: 16_000), to: "yes/c.wav")
    func words() -> String? {
      failure { () throws(KerasError) in
        try wrapping { _ = try AudioFolder(scratch.path).data().batches(inEpoch: 0).next() }
      }
    }
    #expect(
      words() == """
        Expected 1 channels of 8000 samples a second, as in \(scratch.file("no/a.wav")), found 1 of 16000.
          in: \(scratch.file("yes/c.wav"))
          try: convert the files to one form.
        """)
    try scratch.write(Array(wave([0, 0, 0, 0]).dropLast(2)), to: "yes/c.wav")
    #expect(
      words() == """
        The file is cut short: expected 4 bytes of sound, found 2.
          in: \(scratch.file("yes/c.wav"))
          try: copy or record it again.
        """)
  }
}

private func wrapping(_ body: () throws -> Void) throws(KerasError) {
  do { try body() } catch { throw KerasError(wrapping: error) }
}
