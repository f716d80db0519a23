import KerasCore

#if canImport(Glibc)
  import Glibc
#endif

/// The kernel of a convolution that computes one half of a short-time Fourier transform.
///
/// Weights have the shape `[frame, 1, frequencies]`, with frequencies = transform length / 2 + 1.
public struct STFTInitializer: Initializer {
  public enum Side: String, Hashable, CaseIterable, SettingValue { case real, imaginary = "imag" }

  public enum Scaling: String, Hashable, CaseIterable, SettingValue {
    /// By the root of the sum of the window's squares.
    case density
    /// By the sum of the window.
    case spectrum
  }

  public enum Window: Hashable, Sendable {
    case named(WindowFunction)
    /// One number for each sample of a frame.
    case values([Double])
  }

  @Setting("side") public private(set) var side: Side
  @Setting("window") public private(set) var window: Window?
  @Setting("periodic") public private(set) var isPeriodic: Bool
  @Setting("scaling") public private(set) var scaling: Scaling?

  public init(
    side: Side = .real, window: Window? = .named(.hann), scaling: Scaling? = .density,
    isPeriodic: Bool = false
  ) {
    self.side = side
    self.window = window
    self.scaling = scaling
    self.isPeriodic = isPeriodic
  }

  public var className: String { "STFT" }

  public func check(shape: [Int]) throws(KerasError) {
    try require(
      shape.count == 3, .shapeMismatch,
      "The STFT initializer fills weights of three axes, found \(Shape(shape)).")
    if case .values(let values) = window, values.count != shape[0] {
      throw KerasError(
        .shapeMismatch, "A window of \(values.count) numbers does not fit frames of \(shape[0]).")
    }
  }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    let (frame, channels, frequencies) = (shape[0], shape[1], shape[2])
    let (side, window) = (side, window)
    let fade: [Float] =
      switch window {
      case .named(let function): function.values(frame, isPeriodic: isPeriodic).map(Float.init)
      case .values(let values): values.map(Float.init)
      case nil: [Float](repeating: 1, count: frame)
      }
    let scale: Float =
      switch window == nil ? nil : scaling {
      case .density: fade.reduce(0) { $0 + $1 * $1 }.squareRoot()
      case .spectrum: fade.reduce(0) { $0 + abs($1) }
      case nil: 1
      }
    let transform = Float((frequencies - 1) * 2)
    // Rounded step by step in float32 as Keras does: angles get large, and their roundings show.
    let pi = Float(Double.pi)
    return Tensor(uninitialized: shape, Float.self) { elements in
      for index in elements.indices {
        let (time, frequency) = (index / frequencies / max(channels, 1), index % frequencies)
        let angle = Float(-2 * time) * (Float(frequency) / transform) * pi
        elements[index] = (side == .real ? cos(angle) : sin(angle)) * fade[time] / scale
      }
    }
  }
}

/// A name, or a list of numbers.
extension STFTInitializer.Window: SettingValue {
  public static var settingCodec: SettingCodec<Self> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard let name = configuration.value(key)?.string else {
          return try configuration.numbers(key).map(Self.values)
        }
        return .named(
          try configuration.place(key) { () throws(KerasError) in try WindowFunction(named: name) })
      },
      writing: { window, key, config in
        switch window {
        case .named(let function): config[key] = .string(function.rawValue)
        case .values(let values): config[key] = JSON(values)
        }
      })
  }
}
