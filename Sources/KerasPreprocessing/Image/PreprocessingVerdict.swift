import KerasCore

/// Which preprocessing some numbers look like, as far as that can be told.
///
/// A mode fits where the pixels that it would have made the numbers of lie in 0…255, in every channel, and have some
/// contrast, ``requiredSpan`` levels of it. Where several fit, but not all of them make every number of a whole
/// level, which files hold, it is one of those that do. What is left is not guessed at.
///
/// ```swift
/// let verdict = try PreprocessingVerdict(of: NumPy.load("batch.npy"))
/// print(verdict.mode?.rawValue ?? verdict.description)
/// ```
public struct PreprocessingVerdict: Hashable, Sendable {
  /// Levels of 0…255 between the darkest and the brightest pixel, of whichever channel.
  public static let requiredSpan: Float = 64
  /// How far a pixel may lie outside 0…255, for rounding.
  private static let tolerance: Float = 0.5
  /// How far a pixel may lie from a whole level to be one, for rounding in float32.
  private static let wholeTolerance: Float = 0.01

  /// The modes that fit.
  public let fitting: [PreprocessingMode]
  /// Those that would, if the picture had more contrast.
  public let tooFlat: [PreprocessingMode]
  /// Each channel's numbers, in the order of the array.
  public let channels: [ChannelNumbers]

  /// The mode, where one can be told.
  public var mode: PreprocessingMode? { fitting.count == 1 ? fitting[0] : nil }

  /// NaN and infinite numbers; no mode makes any, so where there are some, none fits.
  public var notFiniteCount: Int { channels.reduce(0) { $0 + $1.notFiniteCount } }

  /// - Parameter tensor: `[height, width, channels]`, one picture or a batch of them, or with the channels before the
  ///   height; three channels, or one.
  /// - Throws: `shapeMismatch` for another shape, `invalidArgument` for an array without numbers.
  public init(of tensor: Tensor) throws(KerasError) {
    let pictures = try PictureArray(tensor)
    let channels = ChannelNumbers.of(pictures)
    self.channels = channels
    guard channels.allSatisfy({ $0.notFiniteCount == 0 }) else {
      (fitting, tooFlat) = ([], [])
      return
    }
    let possible = PreprocessingMode.allCases.filter { mode in
      (mode.treatsChannelsAlike || channels.count == 3)
        && channels.enumerated().allSatisfy { channel, numbers in
          mode.pixel(numbers.minimum, channel) >= -Self.tolerance
            && mode.pixel(numbers.maximum, channel) <= 255 + Self.tolerance
        }
    }
    func span(_ mode: PreprocessingMode) -> Float {
      let ends = channels.enumerated().flatMap { [mode.pixel($1.minimum, $0), mode.pixel($1.maximum, $0)] }
      return (ends.max() ?? 0) - (ends.min() ?? 0)
    }
    let bright = possible.filter { span($0) >= Self.requiredSpan }
    let whole =
      bright.count < 2 ? [] : bright.filter { $0.makesWholeLevels(of: pictures, within: Self.wholeTolerance) }
    fitting = whole.isEmpty ? bright : whole
    tooFlat = bright.isEmpty ? possible : []
  }
}

extension PreprocessingVerdict: CustomStringConvertible {
  /// A sentence.
  public var description: String {
    func list(_ modes: [PreprocessingMode]) -> String { modes.map(\.rawValue).joined(separator: ", ") }
    if notFiniteCount > 0 {
      return "No preprocessing makes NaN or infinite numbers of pixels; found \(notFiniteCount)."
    }
    if let mode { return "The numbers look like \(mode.formula)." }
    if !fitting.isEmpty {
      return "It cannot be told which mode made the numbers: these fit: \(list(fitting))."
    }
    if !tooFlat.isEmpty {
      return "The numbers lie too close together to tell the mode: these would fit: \(list(tooFlat))."
    }
    let (least, most) = (channels.map(\.minimum).min() ?? 0, channels.map(\.maximum).max() ?? 0)
    return "The numbers look like none of the modes: they lie between \(least) and \(most)."
  }
}

extension PreprocessingMode {
  /// The arithmetic in a few words, behind Keras' name of it.
  package var formula: String {
    switch self {
    case .caffe: "caffe: blue, green, red, each less its mean"
    case .tf: "tf: x / 127.5 − 1"
    case .torch: "torch: (x / 255 − mean) / deviation"
    case .unit: "unit: x / 255"
    case .none: "none: pixels as they are, 0…255"
    }
  }

  /// The pixel that a number at `channel` of the output was made of: every mode is a straight line.
  fileprivate func pixel(_ number: Float, _ channel: Int) -> Float {
    let (black, white) = (value(of: 0, channel), value(of: 255, channel))
    return (number - black) / (white - black) * 255
  }

  fileprivate func makesWholeLevels(of pictures: PictureArray, within tolerance: Float) -> Bool {
    var channel = 0
    return pictures.channels { count, number in
      defer { channel += 1 }
      return (0..<count).allSatisfy { index in
        let pixel = pixel(number(index), channel)
        return abs(pixel - pixel.rounded()) <= tolerance
      }
    }.allSatisfy { $0 }
  }
}
