import FoundationEssentials

/// What Foundation, and so whatever prints `localizedDescription`, shows of an error.
extension KerasError: LocalizedError {
  /// What happened, and where.
  public var errorDescription: String? {
    path.isEmpty ? what : what + " (in: " + path.joined(separator: " › ") + ")"
  }
  public var recoverySuggestion: String? { remedy }

  /// An error's words for people, else its value as Swift prints it.
  static func words(of error: any Error) -> String {
    (error as? any LocalizedError)?.errorDescription ?? "\(error)"
  }
}
