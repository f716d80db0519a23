import Glibc
import Keras

/// What a command line means by a model: a file, or a name of the catalogue. Every subcommand asks here.
///
/// A file comes first; a folder does only where no model is called so.
enum ModelSubject {
  case file(String)
  case application(Application)

  /// - Throws: `unknownName` where there is neither, with what was meant perhaps.
  init(_ text: String) throws(KerasError) {
    let isThere = access(text, F_OK) == 0
    if isThere, !isFolder(text) {
      self = .file(text)
    } else if let application = try? ModelCatalog.application(named: text) {
      self = .application(application)
    } else if isThere {
      self = .file(text)
    } else {
      throw Self.nothing(text)
    }
  }

  /// What people call it.
  var name: String {
    switch self {
    case .file(let path): path
    case .application(let application): application.identifier
    }
  }

  /// - Parameter options: those that a file's model cannot follow, with whether each was given.
  /// - Throws: `invalidArgument` for the first that was.
  func requireApplication(for options: [(name: String, isGiven: Bool)]) throws(KerasError) {
    guard case .file(let path) = self, let option = options.first(where: \.isGiven) else { return }
    throw KerasError(
      .invalidArgument, "\(option.name) is for the models that `keras models` lists; \(path) is a file.",
      remedy: "leave \(option.name) out.")
  }

  /// - Parameter options: those that a model of the catalogue cannot follow, with whether each was given.
  /// - Throws: `invalidArgument` for the first that was.
  func requireFile(for options: [(name: String, isGiven: Bool)]) throws(KerasError) {
    guard case .application(let application) = self, let option = options.first(where: \.isGiven) else {
      return
    }
    throw KerasError(
      .invalidArgument,
      "\(option.name) is for files; \(application.identifier) is a model that `keras models` lists.",
      remedy: "leave \(option.name) out.")
  }

  /// The model: of a file with its weights; of the catalogue without published ones.
  func model(_ variant: VariantOptions? = nil) throws(KerasError) -> Model {
    switch self {
    case .file(let path): return try Model.load(from: path)
    case .application(let application):
      let choice = ApplicationChoice(application: application, weights: "none", variant: variant)
      let (application, settings) = try choice.settings()
      return try application.makeModel(settings)
    }
  }

  /// A file: the one named, or the published weights, which are fetched where they are not there.
  func file(store: @autoclosure () -> WeightStore) throws(KerasError) -> String {
    switch self {
    case .file(let path): return path
    case .application(let application):
      return try store().path(for: application.weightFile(for: ApplicationSettings()))
    }
  }

  private static func nothing(_ text: String) -> KerasError {
    guard !text.isEmpty else {
      return KerasError(
        .unknownName, "The name of a file or model is empty.", remedy: "`keras models` lists the models.")
    }
    let name = FileName(argument: text)
    guard name.isText else {
      return KerasError(
        .unsupported, "The name \(name.text) is not UTF-8, which names of models' files must be.",
        remedy: "rename the file.")
    }
    let looksLikeFile = text.contains("/") || text.contains(".")
    let models = nearestNames(to: text, among: ModelCatalog.all.map(\.identifier))
    let candidates = looksLikeFile ? nearbyFiles(text) : models
    return KerasError(
      .unknownName, "There is neither a file nor a model called `\(text.escaped)`.",
      remedy: (candidates.isEmpty ? "" : "did you mean \(candidates.joined(separator: ", "))? ")
        + "`keras models` lists the models.")
  }

  /// Files of nearly that name in the same folder.
  private static func nearbyFiles(_ path: String) -> [String] {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let names = (names(inFolder: folder.isEmpty ? "." : folder) ?? []).filter { !$0.hasPrefix(".") }
    return nearestNames(to: String(path.dropFirst(folder.count)), among: names.sorted()).map {
      folder + $0.escaped
    }
  }
}
