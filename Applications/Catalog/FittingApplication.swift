import KerasFiles
import KerasModels
import KerasWeights

/// What a file of weights was made for, where it does not fit what was asked for: found by drawing the catalogue's
/// models and comparing the shapes of their weights with the file's.
struct FittingApplication {
  let application: Application
  /// Nil for the plain width.
  let alpha: Double?
  /// Nil without the classifier.
  let classes: Int?

  /// - Parameter asked: what the file did not fit; its other sizes are tried first.
  init?(for path: String, asked: Application) {
    guard let file = try? FileInspection(path: path) else { return nil }
    let stored = Self.counted(file.layers.flatMap { $0.weights.map(\.shape) })
    let others = ModelCatalog.all.filter { $0.identifier != asked.identifier }
    for row in [asked] + others {
      for alpha in row.familyArguments.contains("alpha") ? row.publishedAlphas : [nil] {
        guard let application = try? alpha.map({ try row.setting("alpha", to: .number($0)) }) ?? row,
          let fit = Self.classes(of: stored, in: application)
        else { continue }
        (self.application, self.alpha, classes) = (row, alpha, fit)
        return
      }
    }
    return nil
  }

  /// What the file is, and how to ask for it.
  func remedy(for settings: ApplicationSettings) -> String {
    var words: [String] = []
    if let alpha { words.append("alpha: \(alpha)") }
    if let classes, !settings.includeTop || classes != settings.classes {
      words.append("classes: \(classes)")
    }
    if classes == nil, settings.includeTop { words.append("includeTop: false") }
    let arguments = words.isEmpty ? "" : " with " + words.joined(separator: " and ")
    return "the file has the weights of \(application.identifier)\(arguments)."
  }

  private typealias Shapes = [[Int]: Int]

  private static func counted(_ shapes: [[Int]]) -> Shapes {
    shapes.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// Whether the shapes are the application's: with a classifier of so many classes, or, as nil inside, without one.
  private static func classes(of stored: Shapes, in application: Application) -> Int?? {
    guard let features = try? application(includeTop: false, weights: .none) else { return nil }
    var rest = stored
    for weight in features.weights {
      guard let count = rest[weight.shape] else { return nil }
      rest[weight.shape] = count == 1 ? nil : count - 1
    }
    if rest.isEmpty { return .some(nil) }
    // One of the lengths that are left is the number of classes.
    for length in rest.keys.filter({ $0.count == 1 }).map({ $0[0] }).sorted() {
      if let whole = try? application(weights: .none, classes: length),
        counted(whole.weights.map(\.shape)) == stored
      {
        return .some(length)
      }
    }
    return nil
  }
}

extension Application {
  /// The widths that weights are published for.
  fileprivate var publishedAlphas: [Double?] {
    let variants = ((try? WeightCatalog.files(for: name)) ?? []).compactMap(\.variant)
    return Set(variants.map(\.alpha)).sorted()
  }
}
