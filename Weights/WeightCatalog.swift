import KerasCore

/// Every published file of weights this package knows, and how to find one.
///
/// ```swift
/// let file = try WeightCatalog.file(for: "MobileNet", includesTop: true, alpha: 0.25, rows: 224)
/// ```
public enum WeightCatalog {
  /// All files, family by family.
  public static let all: [WeightFile] =
    VGGWeights.files + ResNetWeights.files + ResNetV2Weights.files + OtherResNetWeights.files
    + InceptionWeights.files + MobileNetWeights.files + DenseNetWeights.files + NASNetWeights.files
    + EfficientNetWeights.files + ConvNeXtWeights.files + RegNetWeights.files + CIFAR10Weights.files

  /// The models that have files, each once, in the order of ``all``.
  public static let models: [String] = all.reduce(into: []) { names, file in
    if names.last != file.model, !names.contains(file.model) { names.append(file.model) }
  }

  /// All files of a model, today's before older editions. The name's case, `-` and `_` do not count.
  ///
  /// - Throws: `unknownName` with the nearest names.
  public static func files(for model: String) throws(KerasError) -> [WeightFile] {
    let wanted = comparable(model)
    let found = all.filter { comparable($0.model) == wanted }
    guard !found.isEmpty else { throw unknownModel(model) }
    return found
  }

  /// The file Keras would load today.
  ///
  /// - Parameters:
  ///   - alpha: The width of a model that has several; 1 when left out.
  ///   - rows: The image height and width; when left out, that Keras takes for other sizes.
  ///   - isMinimalistic: MobileNetV3 without its costly parts.
  /// - Throws: `unknownName` for a model that is not known, with the nearest names;
  ///   `invalidArgument` for a variant that was never published, with those that were.
  public static func file(
    for model: String, includesTop: Bool = true, alpha: Double? = nil, rows: Int? = nil,
    isMinimalistic: Bool = false
  ) throws(KerasError) -> WeightFile {
    // A file of this package serves both with its classifier and without.
    let candidates = try files(for: model).filter {
      $0.edition == nil && ($0.includesTop == includesTop || $0.isShipped)
    }
    // The first of a model's variants is Keras' choice.
    let found = candidates.first { file in
      guard let variant = file.variant else { return true }
      return variant.isMinimalistic == isMinimalistic && variant.alpha == alpha ?? 1
        && rows.map { variant.rows == $0 } ?? true
    }
    if let found { return found }
    throw unknownVariant(candidates, alpha, rows)
  }

  package static func file(
    for model: String, includesTop: Bool, variant: WeightVariant?
  ) throws(KerasError) -> WeightFile {
    try file(
      for: model, includesTop: includesTop, alpha: variant?.alpha, rows: variant?.rows,
      isMinimalistic: variant?.isMinimalistic ?? false)
  }

  /// The file with this name in the cache.
  ///
  /// - Throws: `unknownName` with the nearest names.
  public static func file(named fileName: String) throws(KerasError) -> WeightFile {
    guard let file = all.first(where: { $0.fileName == fileName }) else { throw unknownFile(fileName) }
    return file
  }

  /// The published file with this hash, for recognising a file whatever its name.
  public static func file(withHash hash: FileHash) -> WeightFile? {
    all.first { $0.hash == hash }
  }
}

private func comparable(_ name: String) -> String {
  name.lowercased().filter { $0 != "-" && $0 != "_" }
}

// MARK: - Wording

private func unknownModel(_ name: String) -> KerasError {
  KerasError(
    .unknownName, "There are no published weights for a model named \"\(name)\".",
    remedy: suggestion(for: name, among: WeightCatalog.models))
}

private func unknownFile(_ name: String) -> KerasError {
  KerasError(
    .unknownName, "There is no published file of weights named \"\(name)\".",
    remedy: suggestion(for: name, among: WeightCatalog.all.map(\.fileName)))
}

private func suggestion(for name: String, among known: [String]) -> String {
  let nearest = nearestNames(to: name, among: known)
  return nearest.isEmpty
    ? "one of: \(WeightCatalog.models.joined(separator: ", "))."
    : "did you mean \(nearest.joined(separator: ", "))?"
}

private func unknownVariant(_ files: [WeightFile], _ alpha: Double?, _ rows: Int?) -> KerasError {
  let published = files.compactMap(\.variant)
  let alphas = Set(published.map(\.alpha)).sorted().map { "\($0)" }.joined(separator: ", ")
  let sizes = Set(published.map(\.rows)).sorted().map { "\($0)" }.joined(separator: ", ")
  let model = files.first?.model ?? "this model"
  let asked = "alpha \(alpha ?? 1)" + (rows.map { " and \($0) rows" } ?? "")
  return KerasError(
    .invalidArgument, "No weights of \(model) were published for \(asked).",
    remedy: "alpha: \(alphas); rows: \(sizes); or a weight file of your own.")
}
