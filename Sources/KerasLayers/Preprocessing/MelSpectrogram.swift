import KerasGraph

#if canImport(Glibc)
  import Glibc
#endif

/// The spectrogram of a signal on the mel scale, which spaces frequencies as the ear does.
///
/// - Input: `[samples]` or `[batch, samples]`, any number of axes in front. Output: `[…, mel bins, frames]`.
///
/// Frames are centred: the signal is mirrored at both ends, which takes more than half a transform of samples. With
/// `showsDecibels`, nothing is more than `topDecibels` below the loudest place of the whole batch, as in Keras.
///
/// The mel scale is that of the Hidden Markov Model Toolkit, `2595 · log₁₀(1 + f / 700)`, http://htk.eng.cam.ac.uk/.
public final class MelSpectrogram: Layer, @unchecked Sendable {
  @Setting("fft_length") public private(set) var transformLength: Int
  @Setting("sequence_stride") public private(set) var frameStep: Int
  @Setting("sequence_length") private var givenFrameLength: Int?
  @Setting(
    "window",
    STFTInitializer.Window?.settingCodec.requiring("hann, hamming or a list of numbers") {
      if case .named(let name)? = $0 { name == .hann || name == .hamming } else { true }
    })
  public private(set) var window: STFTInitializer.Window?
  @Setting("sampling_rate") public private(set) var samplingRate: Double
  @Setting("num_mel_bins") public private(set) var bins: Int
  @Setting("min_freq") public private(set) var lowestFrequency: Double
  @Setting("max_freq") private var givenHighestFrequency: Double?
  @Setting("power_to_db") public private(set) var showsDecibels: Bool
  @Setting("top_db") public private(set) var topDecibels: Double
  @Setting("mag_exp") public private(set) var exponent: Double
  @Setting("min_power") public private(set) var leastPower: Double
  @Setting("ref_power") public private(set) var referencePower: Double

  /// - Parameters:
  ///   - frameLength: samples of a frame, at most `transformLength`; nil for as many.
  ///   - window: hann, hamming or one number for each sample of a frame; nil for nothing.
  ///   - samplingRate: samples a second.
  ///   - highestFrequency: in hertz; nil for half the sampling rate.
  ///   - exponent: what magnitudes are raised to before they are summed: 2 for power.
  public init(
    transformLength: Int = 2048, frameStep: Int = 512, frameLength: Int? = nil,
    window: STFTInitializer.Window? = .named(.hann), samplingRate: Double = 16000, bins: Int = 128,
    lowestFrequency: Double = 20, highestFrequency: Double? = nil, showsDecibels: Bool = true,
    topDecibels: Double = 80, exponent: Double = 2, leastPower: Double = 1e-10, referencePower: Double = 1,
    name: String? = nil
  ) {
    super.init(name: name)
    self.transformLength = transformLength
    self.frameStep = frameStep
    givenFrameLength = frameLength
    self.window = window
    self.samplingRate = samplingRate
    self.bins = bins
    self.lowestFrequency = lowestFrequency
    givenHighestFrequency = highestFrequency
    self.showsDecibels = showsDecibels
    self.topDecibels = topDecibels
    self.exponent = exponent
    self.leastPower = leastPower
    self.referencePower = referencePower
  }

  public var frameLength: Int { givenFrameLength ?? transformLength }
  /// In hertz.
  public var highestFrequency: Double { givenHighestFrequency ?? (samplingRate / 2).rounded(.down) }

  public override var config: JSONObject {
    super.config.merging([
      "sequence_length": .integer(frameLength), "max_freq": .number(highestFrequency),
    ])
  }

  private func check(_ shape: Shape) throws(KerasError) {
    try require(
      (2...1 << 14).contains(transformLength) && (1...transformLength).contains(frameLength)
        && (1...1 << 30).contains(frameStep) && (1...1 << 20).contains(bins)
        && (transformLength / 2 + 1) * bins <= 1 << 27,
      "Frames of \(frameLength) samples, \(frameStep) apart, cannot be transformed by \(transformLength) to "
        + "\(bins) bins.",
      remedy: "make the transform at least as long as a frame and at most 16384, and all of them positive; the bins times half the "
        + "transform make a table, of at most 134,217,728 numbers.")
    try require(
      lowestFrequency >= 0 && lowestFrequency < highestFrequency,
      "Frequencies from \(lowestFrequency) to \(highestFrequency) hertz are none.")
    if case .values(let values) = window {
      try require(
        values.count == frameLength, .shapeMismatch,
        "A window of \(values.count) numbers does not fit frames of \(frameLength).")
    }
    try require(shape.rank > 0, .shapeMismatch, "Expected signals [batch, samples], found a single number.")
    guard let samples = shape[shape.rank - 1] else { return }
    try require(
      samples > transformLength / 2, .shapeMismatch,
      "A signal of \(samples) samples is too short for transforms of \(transformLength).",
      remedy: "use a transform of less than \(2 * samples), or longer signals.")
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let shape = graph.shape(of: input)
    try check(shape)
    let x = try graph.cast(input, to: .float32)
    let outer = shape.dropLast().map { $0 }
    guard let samples = shape[shape.rank - 1] else {
      return graph.placeholder(TensorSpec(Shape(outer + [bins, nil]), dataTypePolicy.computeType))
    }
    let rows = outer.reduce(Int?(1)) { rows, length in rows.flatMap { rows in length.map { rows * $0 } } }
    let mirrored = try mirrored(graph.reshaped(x, to: Shape([rows, samples])), samples, in: graph)
    let magnitudes = try magnitudes(of: graph.expandDimensions(mirrored, axis: 2), in: graph)
    var mel = try graph.matrixProduct(raised(magnitudes, in: graph), graph.constant(melMatrix))
    if showsDecibels { mel = try decibels(context[mel], in: graph).value }
    let swapped = try graph.transpose(mel, [0, 2, 1])
    let result = try graph.reshaped(swapped, to: Shape(outer + [bins, graph.shape(of: swapped)[2]]))
    return try graph.cast(result, to: dataTypePolicy.computeType)
  }

  /// Signals with half a transform added at both ends, as in a mirror that stands on the first and the last sample.
  private func mirrored(_ x: Value, _ samples: Int, in graph: GraphBuilder) throws(KerasError) -> Value {
    let margin = transformLength / 2
    let places = (-margin..<samples + margin).map { place in
      Int32(place < 0 ? -place : place < samples ? place : 2 * (samples - 1) - place)
    }
    return try graph.gather(x, at: graph.constant(Tensor(places)), axis: 1)
  }

  private func raised(_ magnitudes: RecordedValue, in graph: GraphBuilder) throws(KerasError) -> Value {
    let magnitudes = try magnitudes.value
    switch exponent {
    case 1: return magnitudes
    case 2: return try graph.unary(.square, magnitudes)
    default: return try graph.binary(.power, magnitudes, graph.scalar(exponent, like: magnitudes))
    }
  }

  /// The transforms of frames as a convolution; `[rows, frames, frequencies]`.
  private func magnitudes(of x: Value, in graph: GraphBuilder) throws(KerasError) -> RecordedValue {
    let frames = Window([transformLength], strides: [frameStep])
    func side(_ function: (Double) -> Double) throws(KerasError) -> RecordedValue {
      let kernel = graph.constant(transform(function))
      return RecordedValue(try graph.convolution(x, kernel: kernel, window: frames), in: graph)
    }
    let (real, imaginary) = (try side(cos), try side(sin))
    return RecordedValue(
      try graph.unary(.squareRoot, (real * real + imaginary * imaginary).value), in: graph)
  }

  /// `[samples, 1, frequencies]`: a wave for each frequency, faded by the window.
  private func transform(_ function: (Double) -> Double) -> Tensor {
    let frequencies = transformLength / 2 + 1
    let fade = fade
    // Angles repeat, and few of them are wanted.
    let waves = (0..<transformLength).map { function(2 * .pi * Double($0) / Double(transformLength)) }
    return Tensor(uninitialized: [transformLength, 1, frequencies], Float.self) { elements in
      for sample in 0..<transformLength {
        for frequency in 0..<frequencies {
          elements[sample * frequencies + frequency] =
            Float(waves[sample * frequency % transformLength] * fade[sample])
        }
      }
    }
  }

  /// The window, in the middle of the transform.
  private var fade: [Double] {
    let values: [Double] =
      switch window {
      // TensorFlow's windows of odd length are symmetric though they are asked to be periodic.
      case .named(let function): function.values(frameLength, isPeriodic: frameLength % 2 == 0)
      case .values(let values): values
      case nil: [Double](repeating: 1, count: transformLength)
      }
    let before = (transformLength - values.count) / 2
    return [Double](repeating: 0, count: before) + values
      + [Double](repeating: 0, count: transformLength - values.count - before)
  }

  /// `[frequencies, bins]`: triangles of height 1, each from the centre of one bin to that of the next but one.
  private var melMatrix: Tensor {
    let frequencies = transformLength / 2 + 1
    func mel(_ frequency: Double) -> Double { 1127 * log(1 + frequency / 700) }
    let (low, high) = (mel(lowestFrequency), mel(highestFrequency))
    let edges = (0..<bins + 2).map { low + (high - low) * Double($0) / Double(bins + 1) }
    return Tensor(uninitialized: [frequencies, bins], Float.self) { elements in
      for frequency in 0..<frequencies {
        let place = mel(samplingRate / 2 * Double(frequency) / Double(frequencies - 1))
        for bin in 0..<bins {
          let rising = (place - edges[bin]) / (edges[bin + 1] - edges[bin])
          let falling = (edges[bin + 2] - place) / (edges[bin + 2] - edges[bin + 1])
          // The lowest, which is no wave, counts for nothing.
          elements[frequency * bins + bin] = frequency == 0 ? 0 : Float(max(0, min(rising, falling)))
        }
      }
    }
  }

  private func decibels(_ power: RecordedValue, in graph: GraphBuilder) throws(KerasError) -> RecordedValue {
    let floor = try graph.scalar(leastPower, like: power.value)
    let logarithm = RecordedValue(
      try graph.unary(.logarithm, graph.binary(.maximum, power.value, floor)), in: graph)
    let reference = 10 * log10(max(abs(referencePower), leastPower))
    let level = logarithm * (10 / log(10)) - reference
    let loudest = RecordedValue(try graph.maximum(of: level.value, keepsDimensions: true), in: graph)
    return RecordedValue(
      try graph.binary(.maximum, level.value, (loudest - topDecibels).value), in: graph)
  }
}
