import KerasGraph

/// What is seen beyond the border of a picture. Raw values are Keras'; numbers are those of TensorFlow's
/// `ImageProjectiveTransformV3`.
public enum PictureFilling: String, SettingValue, Hashable, Sendable, CaseIterable {
  /// One value everywhere: `k k k k | a b c d | k k k k`.
  case constant
  /// The pixel at the border: `a a a a | a b c d | d d d d`.
  case nearest
  /// The picture in a mirror that stands at its border: `d c b a | a b c d | d c b a`.
  case reflect
  /// The picture again: `a b c d | a b c d | a b c d`.
  case wrap

  /// Where among `length` pixels a place is found, wherever it lies.
  func inside(_ place: RecordedValue, _ length: Int) -> RecordedValue {
    let (n, last) = (Double(length), Double(length - 1))
    switch self {
    // Farther out there is nothing but filling, and places stay small enough for whole numbers.
    case .constant: return place.clipped(-2, n + 1)
    case .nearest: return place.clipped(0, last)
    case _ where length <= 1: return place.clipped(0, 0)
    case .reflect:
      let before = place + (place / (-2 * n)).applying(.floor) * (2 * n)
      let mirrored = (before + 2 * n).kept(where: before .< -n, else: -before - 1)
      let after = place - (place / (2 * n)).applying(.floor) * (2 * n)
      let returned = (2 * n - 1 - after).kept(where: after .>= n, else: after)
      return mirrored.kept(where: place .< 0, else: returned.kept(where: place .> last, else: place))
        .clipped(0, last)
    case .wrap:
      let before = place + ((-place / last).applying(.floor) + 1) * n
      let after = place - (place / last).applying(.floor) * n
      return before.kept(where: place .< 0, else: after.kept(where: place .> last, else: place))
        .clipped(0, last)
    }
  }
}

/// How the value between pixels is found. Raw values are Keras'.
public enum PictureSampling: String, SettingValue, Hashable, Sendable, CaseIterable {
  case bilinear, nearest
}
