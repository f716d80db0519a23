import KerasCore

extension PreprocessingMode {
  /// A sentence when a tensor of pixels does not look like pixels of 0…255, nil when it does.
  ///
  /// Every mode starts from raw pixels. Numbers that somebody has already divided or centred still give an
  /// answer, only a wrong one. Empty tensors, black pictures and integers of 0 and 1 pass.
  ///
  /// - Parameter tensor: what is about to be preprocessed.
  public func rangeWarning(for tensor: Tensor) -> String? {
    guard tensor.elementCount > 0 else { return nil }
    let values: [Float] = tensor.scalars()
    var (smallest, largest) = (Float.infinity, -Float.infinity)
    for value in values {
      guard value.isFinite else { return Self.notFinite }
      smallest = min(smallest, value)
      largest = max(largest, value)
    }
    if smallest == 0 && largest == 0 { return nil }
    let range = "The values lie between \(smallest) and \(largest)"
    if smallest < 0 {
      let guess = smallest >= -1 && largest <= 1 ? "scaled to −1…1" : "centred"
      return "\(range): they look already preprocessed (\(guess)). \(advice)"
    }
    if largest <= 1 && tensor.dataType.isFloatingPoint {
      return "\(range): they look already divided by 255. \(advice)"
    }
    if largest > 255 { return "\(range): pixels end at 255. \(advice)" }
    return nil
  }

  private static let notFinite = "Some values are not numbers (NaN or infinite): the answer will be neither."

  private var advice: String {
    switch self {
    case .none: "This model scales its input itself: pass RGB pixels of 0…255 instead."
    default: "Pass RGB pixels of 0…255 instead."
    }
  }
}
