/// The version of this package, semantic; the one place that says it. A release is tagged with the same number.
public enum PackageVersion {
  public static let current = "0.1.0"
}
