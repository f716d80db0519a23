import KerasCore

/// Pictures changed at random and standardized on their way into training, as `ImageDataGenerator` of Keras 2.
///
/// ```swift
/// let generator = try ImageDataGenerator(
///   rotationRange: 20, widthShiftRange: .fraction(0.1), zoomRange: 0.9...1.1, horizontalFlip: true,
///   rescale: 1 / 255.0, validationSplit: 0.2)
/// let warp = try generator.randomTransform(height: 64, width: 64, seed: 7)
/// let changed = try generator.applying(warp, to: Tensor(zeros: [64, 64, 3]))
/// ```
/// Warps have the numbers of SciPy, and for a seed the same ones are drawn as by Keras. New models rather have layers
/// such as `RandomFlip` in front.
public struct ImageDataGenerator: Sendable {
  /// How far pictures are moved.
  public enum ShiftRange: Hashable, Sendable {
    case none
    /// Up to a share of the picture's length; from 1 on so many pixels.
    case fraction(Double)
    /// Whole pixels, fewer than this.
    case pixels(Int)
    /// One of these, one way or the other: shares where all are below 1, else pixels.
    case choices([Double])
  }

  public private(set) var featurewiseCenter: Bool
  public private(set) var samplewiseCenter: Bool
  public private(set) var featurewiseStdNormalization: Bool
  public private(set) var samplewiseStdNormalization: Bool
  public let zcaWhitening: Bool
  public let zcaEpsilon: Double
  public let rotationRange: Double
  public let widthShiftRange: ShiftRange
  public let heightShiftRange: ShiftRange
  public let brightnessRange: ClosedRange<Double>?
  public let shearRange: Double
  public let zoomRange: ClosedRange<Double>
  public let channelShiftRange: Double
  public let fillMode: PictureFillMode
  public let fillValue: Double
  public let horizontalFlip: Bool
  public let verticalFlip: Bool
  public let rescale: Double?
  public let preprocessingFunction: (@Sendable (Tensor) throws -> Tensor)?
  public let dataFormat: DataFormat
  public let validationSplit: Double
  public let interpolationOrder: Int

  /// What ``fit(_:augmenting:rounds:seed:)`` found, one number for each channel; nil before.
  public internal(set) var mean: [Float]?
  public internal(set) var standardDeviation: [Float]?
  /// `[pixels · channels, pixels · channels]`.
  public internal(set) var whiteningMatrix: Tensor?

  /// - Parameters:
  ///   - featurewiseCenter: whether to subtract the mean of the data that `fit` has seen, for each channel.
  ///   - samplewiseCenter: whether to subtract each picture's mean.
  ///   - featurewiseStdNormalization: whether to divide by the deviation that `fit` has seen; centers, too.
  ///   - samplewiseStdNormalization: whether to divide by each picture's deviation; centers, too.
  ///   - zcaWhitening: whether to take the correlations out that `fit` has seen; centers, and does not divide.
  ///   - rotationRange: degrees, each way.
  ///   - brightnessRange: factors.
  ///   - shearRange: degrees, each way.
  ///   - zoomRange: how many old pixels a new one spans, of columns and rows each.
  ///   - channelShiftRange: what is added to all channels at most.
  ///   - fillValue: of the fill mode `constant`.
  ///   - rescale: a factor, after all changes; nil for none.
  ///   - preprocessingFunction: before that; of one picture, in its shape.
  ///   - validationSplit: the share of samples, from 0 to below 1, that the subset `validation` holds: the first ones.
  ///   - interpolationOrder: of the spline between pixels, 0 to 5.
  /// - Throws: `invalidArgument` for numbers that make no sense.
  public init(
    featurewiseCenter: Bool = false, samplewiseCenter: Bool = false,
    featurewiseStdNormalization: Bool = false,
    samplewiseStdNormalization: Bool = false, zcaWhitening: Bool = false, zcaEpsilon: Double = 1e-6,
    rotationRange: Double = 0, widthShiftRange: ShiftRange = .none, heightShiftRange: ShiftRange = .none,
    brightnessRange: ClosedRange<Double>? = nil, shearRange: Double = 0,
    zoomRange: ClosedRange<Double> = 1...1,
    channelShiftRange: Double = 0, fillMode: PictureFillMode = .nearest, fillValue: Double = 0,
    horizontalFlip: Bool = false, verticalFlip: Bool = false, rescale: Double? = nil,
    preprocessingFunction: (@Sendable (Tensor) throws -> Tensor)? = nil,
    dataFormat: DataFormat = .channelsLast,
    validationSplit: Double = 0, interpolationOrder: Int = 1
  ) throws(KerasError) {
    // What one setting implies of others is Keras'.
    let divides = featurewiseStdNormalization && !zcaWhitening
    self.featurewiseCenter = featurewiseCenter || featurewiseStdNormalization || zcaWhitening
    self.featurewiseStdNormalization = divides
    self.samplewiseCenter = samplewiseCenter || samplewiseStdNormalization
    self.samplewiseStdNormalization = samplewiseStdNormalization
    (self.zcaWhitening, self.zcaEpsilon) = (zcaWhitening, zcaEpsilon)
    (self.rotationRange, self.shearRange) = (rotationRange, shearRange)
    (self.widthShiftRange, self.heightShiftRange) = (widthShiftRange, heightShiftRange)
    (self.brightnessRange, self.zoomRange) = (brightnessRange, zoomRange)
    self.channelShiftRange = channelShiftRange
    (self.fillMode, self.fillValue) = (fillMode, fillValue)
    (self.horizontalFlip, self.verticalFlip) = (horizontalFlip, verticalFlip)
    (self.rescale, self.preprocessingFunction) = (rescale, preprocessingFunction)
    (self.dataFormat, self.validationSplit) = (dataFormat, validationSplit)
    self.interpolationOrder = interpolationOrder
    try require(
      validationSplit >= 0 && validationSplit < 1,
      "The share for validation must be from 0 to below 1, found \(validationSplit).")
    try require(
      (0...5).contains(interpolationOrder), "Splines have an order from 0 to 5, found \(interpolationOrder).")
    let numbers = [rotationRange, shearRange, channelShiftRange, fillValue, zcaEpsilon, rescale ?? 1]
    try require(
      numbers.allSatisfy(\.isFinite)
        && [zoomRange, brightnessRange ?? 1...1].allSatisfy {
          $0.lowerBound.isFinite && $0.upperBound.isFinite
        }, "The ranges of a generator must be finite.")
    for range in [widthShiftRange, heightShiftRange] {
      guard range.isSensible else {
        throw KerasError(.invalidArgument, "A range of shifts must be finite and not empty, found \(range).")
      }
    }
  }
}

extension ImageDataGenerator.ShiftRange {
  fileprivate var isSensible: Bool {
    switch self {
    case .none: true
    case .fraction(let share): share.isFinite
    case .pixels(let count): count >= 0
    case .choices(let choices): !choices.isEmpty && choices.allSatisfy(\.isFinite)
    }
  }

  /// How far, in pixels of a picture `length` long, with the draws of Keras.
  func draw(_ length: Int, _ random: inout NumPyRandom) -> Double {
    func scaled(_ amount: Double, largest: Double) -> Double {
      largest < 1 ? amount * Double(length) : amount
    }
    switch self {
    case .none, .fraction(0), .pixels(0): return 0
    case .fraction(let share): return scaled(random.uniform(-share, share), largest: share)
    case .pixels(let count):
      let amount = Double(random.integer(in: 0..<count))
      return scaled(amount * Self.sign(&random), largest: Double(count))
    case .choices(let choices):
      let amount = choices[random.integer(in: 0..<choices.count)]
      return scaled(amount * Self.sign(&random), largest: choices.max() ?? 1)
    }
  }

  private static func sign(_ random: inout NumPyRandom) -> Double { random.integer(in: 0..<2) == 0 ? -1 : 1 }
}
