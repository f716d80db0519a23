import KerasCore

#if canImport(Glibc)
  import Glibc
#endif

/// The kernel of a convolution that computes one half of a short-time Fourier transform.
///
/// Weights have the shape `[frame, 1, frequencies]`, with frequencies = transform length / 2 + 1.
public struct STFTInitializer: Initializer {
  public enum Side: String, Hashable, Sendable, CaseIterable { case real, imaginary = "imag" }

  public enum Scaling: String, Hashable, Sendable, CaseIterable {
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

  public let side: Side
  public let window: Window?
  public let scaling: Scaling?
  public let isPeriodic: Bool
  private let writtenWindow: JSON

  public init(
    side: Side = .real, window: Window? = .named(.hann), scaling: Scaling? = .density,
    isPeriodic: Bool = false
  ) {
    self.side = side
    self.window = window
    self.scaling = scaling
    self.isPeriodic = isPeriodic
    switch window {
    case .named(let function): writtenWindow = .string(function.rawValue)
    case .values(let values): writtenWindow = .array(values.map(JSON.number))
    case nil: writtenWindow = .null
    }
  }

  init(_ configuration: Configuration) throws(KerasError) {
    configuration.ignore("dtype")
    side = try configuration.choice("side", default: .real)
    isPeriodic = try configuration.boolean("periodic", default: false)
    let scalingIsNull = configuration.json("scaling")?.isNull ?? false
    scaling = scalingIsNull ? nil : try configuration.choice("scaling", default: .density)
    writtenWindow = configuration.json("window") ?? .string("hann")
    if writtenWindow.isNull {
      window = nil
    } else if let name = writtenWindow.string {
      window = .named(
        try configuration.place("window") { () throws(KerasError) in try WindowFunction(named: name) })
    } else {
      window = .values(try configuration.numbers("window") ?? [])
    }
  }

  public var className: String { "STFT" }
  public var config: JSONObject {
    [
      "side": .string(side.rawValue), "window": writtenWindow, "periodic": .bool(isPeriodic),
      "scaling": JSON(scaling?.rawValue),
    ]
  }

  public func check(shape: [Int]) throws(KerasError) {
    guard shape.count == 3 else {
      throw KerasError(
        .shapeMismatch, "The STFT initializer fills weights of three axes, found \(Shape(shape)).")
    }
    if case .values(let values) = window, values.count != shape[0] {
      throw KerasError(
        .shapeMismatch, "A window of \(values.count) numbers does not fit frames of \(shape[0]).")
    }
  }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    let (frame, channels, frequencies) = (shape[0], shape[1], shape[2])
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
