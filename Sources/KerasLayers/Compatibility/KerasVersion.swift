/// Which generation of Keras wrote a file; names such as `hard_sigmoid` changed their meaning.
public enum KerasVersion: Int, Hashable, Sendable, Comparable {
  case keras1 = 1
  case keras2 = 2
  case keras3 = 3

  public static let current = KerasVersion.keras3
  public static func < (a: KerasVersion, b: KerasVersion) -> Bool { a.rawValue < b.rawValue }

  /// From a file's `keras_version`; files without one are Keras 1's.
  public init(_ text: String?) {
    switch text?.first {
    case "1", nil: self = .keras1
    case "2", "0": self = .keras2
    default: self = .keras3
    }
  }
}

/// What generations of Keras compute by different rules under one name; layers keep what their file means.
/// (What they only spelled otherwise is in ``OldSpellings``.)
extension KerasVersion {
  /// Merging layers and `TimeDistributed` treat masks as ``MaskRule`` says of the old rule.
  var hasOldMasks: Bool { self < .keras3 }
  /// `RandomCrop` crops predictions, too.
  var cropsPredictions: Bool { self < .keras3 }
  /// Images are normalized by TensorFlow's fused kernel, which knows no masks and returns the sample's variance (over
  /// n − 1), to be kept.
  var fusesNormalization: Bool { self == .keras2 }
  /// `MultiHeadAttention` takes the masks off the tensors a call gets, so that layers called on them later see none.
  var takesMasksOff: Bool { self == .keras3 }
  /// Weights of `LayerNormalization` have the axes it was given sorted, negative ones first.
  var sortsAxes: Bool { self == .keras3 }
  /// The policy `int8` means quantized weights, and not whole numbers.
  var quantizes: Bool { self == .keras3 }
}
