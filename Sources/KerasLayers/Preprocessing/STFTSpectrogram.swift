import KerasGraph

/// The spectrogram of a signal, by short-time Fourier transforms that are convolutions: their kernels can be trained.
///
/// - Input: `[batch, samples, channels]`, or with channels first `[batch, channels, samples]`.
/// - Output: `[batch, frames, channels · frequencies]`, with `expandsDimensions` a picture
///   `[batch, frames, frequencies, channels]`; with channels first `[batch, channels · frequencies, frames]` and
///   `[batch, channels, frames, frequencies]`. There are `transform length / 2 + 1` frequencies, twice as many in the
///   mode `stft`.
/// - Weights, in file order: `real_kernel`, `imag_kernel`, both `[frame, 1, frequencies]`; a mode that needs only one
///   has only that.
public final class STFTSpectrogram: Layer, @unchecked Sendable {
  /// What is made of the transform. Raw values are Keras'.
  public enum Mode: String, Hashable, Sendable, CaseIterable, SettingValue {
    /// The logarithm of the magnitude.
    case log
    case magnitude
    /// The power, twice that of all but the first and last frequency.
    case powerDensity = "psd"
    case real
    case imaginary = "imag"
    case angle
    /// Real parts, then imaginary ones.
    case both = "stft"
  }

  @Setting("mode") public private(set) var mode: Mode
  @Setting("frame_length") public private(set) var frameLength: Int
  @Setting("frame_step") private var givenFrameStep: Int?
  @Setting("fft_length") private var givenTransformLength: Int?
  @Setting("window") public private(set) var window: STFTInitializer.Window?
  @Setting("periodic") public private(set) var isPeriodic: Bool
  @Setting("scaling") public private(set) var scaling: STFTInitializer.Scaling?
  @Setting("padding", ConvolutionPadding.settingCodec.requiring("valid or same") { $0 != .causal })
  public private(set) var padding: ConvolutionPadding
  @Setting("data_format") public private(set) var dataFormat: DataFormat
  @Setting("expand_dims") public private(set) var expandsDimensions: Bool

  /// - Parameters:
  ///   - frameStep: how far frames begin from one another, up to `frameLength`; nil for half of it.
  ///   - transformLength: at least `frameLength`; nil for the next power of two.
  ///   - window: what frames are faded in and out with; nil for nothing.
  public init(
    mode: Mode = .log, frameLength: Int = 256, frameStep: Int? = nil, transformLength: Int? = nil,
    window: STFTInitializer.Window? = .named(.hann), isPeriodic: Bool = false,
    scaling: STFTInitializer.Scaling? = .density, padding: ConvolutionPadding = .valid,
    expandsDimensions: Bool = false, dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(name: name)
    self.mode = mode
    self.frameLength = frameLength
    givenFrameStep = frameStep
    givenTransformLength = transformLength
    self.window = window
    self.isPeriodic = isPeriodic
    self.scaling = scaling
    self.padding = padding
    self.expandsDimensions = expandsDimensions
    self.dataFormat = dataFormat
  }

  public var frameStep: Int { givenFrameStep ?? max(frameLength / 2, 1) }
  public var transformLength: Int { givenTransformLength ?? nextPowerOfTwo(frameLength) }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try require(
      (1...1 << 20).contains(frameLength) && (1...frameLength).contains(frameStep),
      "A frame has from 1 to 2^20 samples and a step of at most as many, found \(frameLength) and \(frameStep)."
    )
    try require(
      (frameLength...1 << 21).contains(transformLength) && frameLength * (transformLength / 2 + 1) <= 1 << 30,
      "Frames of \(frameLength) samples cannot be transformed by \(transformLength).",
      remedy: "make the transform as long as a frame, or somewhat longer.")
    try require(
      inputs[0].shape.rank == 3, .shapeMismatch,
      "Expected signals [batch, samples, channels], found \(inputs[0]).")
    for (name, side, skipping) in [
      ("real_kernel", STFTInitializer.Side.real, Mode.imaginary), ("imag_kernel", .imaginary, .real),
    ] where mode != skipping {
      let initializer = STFTInitializer(side: side, window: window, scaling: scaling, isPeriodic: isPeriodic)
      let shape = [frameLength, 1, transformLength / 2 + 1]
      try initializer.check(shape: shape)
      addWeight(name, shape: shape, initializer: initializer)
    }
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let signals = dataFormat == .channelsLast ? try graph.transpose(input, [0, 2, 1]) : input
    func side(_ name: String) throws(KerasError) -> RecordedValue {
      context[try transformed(signals, by: context.value(of: weight(name)), in: graph)]
    }
    switch mode {
    case .real: return try arranged(side("real_kernel").value, in: graph)
    case .imaginary: return try arranged(side("imag_kernel").value, in: graph)
    case .angle:
      let angle = try graph.binary(.arctangent2, side("imag_kernel").value, side("real_kernel").value)
      return try arranged(angle, in: graph)
    case .both:
      let parts = [try side("real_kernel").value, try side("imag_kernel").value]
      return try arranged(graph.concatenate(parts, axis: 3), in: graph)
    case .powerDensity, .magnitude, .log:
      let (real, imaginary) = (try side("real_kernel"), try side("imag_kernel"))
      let power = try (real * real + imaginary * imaginary).value
      return try arranged(shown(power, in: graph), in: graph)
    }
  }

  /// The signals `[batch, channels, samples]` as `[batch, channels, frames, frequencies]`.
  private func transformed(
    _ signals: Value, by kernel: Value, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    let shape = graph.shape(of: signals)
    let (batch, channels) = (shape[0], shape[1])
    let rows = batch.flatMap { batch in channels.map { batch * $0 } }
    let sequences = try graph.reshaped(signals, to: Shape([rows, shape[2], 1]))
    let window = Window(
      [frameLength], strides: [frameStep],
      padding: try padding.amounts(
        for: graph.shape(of: sequences), size: [frameLength], strides: [frameStep], dilations: [1]))
    let frames = try graph.convolution(sequences, kernel: kernel, window: window)
    let lengths = graph.shape(of: frames)
    return try graph.reshaped(frames, to: Shape([batch, channels, lengths[1], lengths[2]]))
  }

  /// What the mode makes of power. Keras' epsilon keeps roots and logarithms finite.
  private func shown(_ power: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    let epsilon = try graph.scalar(1e-7, like: power)
    if mode == .powerDensity {
      let count = transformLength / 2 + 1
      let factors = (0..<count).map { $0 == 0 || $0 == count - 1 ? Float(1) : 2 }
      let dataType = graph.spec(of: power).dataType
      return try graph.multiply(power, graph.constant(Tensor(factors).converted(to: dataType)))
    }
    let magnitude = try graph.unary(.squareRoot, graph.binary(.maximum, power, epsilon))
    if mode == .magnitude { return magnitude }
    return try graph.unary(.logarithm, graph.binary(.maximum, magnitude, epsilon))
  }

  /// `[batch, channels, frames, frequencies]` in the order of axes that was asked for.
  private func arranged(_ x: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    let shape = graph.shape(of: x)
    let columns = shape[1].flatMap { channels in shape[3].map { channels * $0 } }
    switch (dataFormat, expandsDimensions) {
    case (.channelsLast, true): return try graph.transpose(x, [0, 2, 3, 1])
    case (.channelsFirst, true): return x
    case (.channelsLast, false):
      return try graph.reshaped(graph.transpose(x, [0, 2, 1, 3]), to: Shape([shape[0], shape[2], columns]))
    case (.channelsFirst, false):
      return try graph.reshaped(graph.transpose(x, [0, 1, 3, 2]), to: Shape([shape[0], columns, shape[2]]))
    }
  }
}

private func nextPowerOfTwo(_ number: Int) -> Int {
  number <= 1 ? 1 : 1 << min(Int.bitWidth - (number - 1).leadingZeroBitCount, 40)
}
