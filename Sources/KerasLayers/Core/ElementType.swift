import KerasCore

extension Configuration {
  /// An element type by its name, alone or in a policy; nil where it is missing.
  ///
  /// - Throws: `unknownName` for a name that is no element type.
  func elementType(_ key: String) throws(KerasError) -> DataType? {
    guard let json = value(key) else { return nil }
    return try DataTypePolicy(json).computeType
  }
}

extension DataType: SettingValue {
  public static var settingCodec: SettingCodec<DataType> {
    SettingCodec(Configuration.elementType(_:)) { .string($0.rawValue) }
  }
}
