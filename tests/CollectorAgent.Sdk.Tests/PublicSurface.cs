using System.Globalization;
using System.Reflection;
using CollectorAgent.Protocol;

namespace CollectorAgent.Sdk.Tests;

/// <summary>What an author can see: all of Sdk, what of Protocol its signatures lead to, and what else its documentation names.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Type[] Named =
        [typeof(PluginExitCode), typeof(PluginUid), typeof(PluginEnvironment), typeof(RpcFailureException), typeof(MessagePackFormatException)];

    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>A line for each type and member, sorted.</summary>
    public static IEnumerable<string> Lines()
    {
        var seen = new HashSet<Type>();
        var left = new Queue<Type>(typeof(IStatsPlugin).Assembly.GetExportedTypes().Concat(Named));
        while (left.TryDequeue(out var type))
        {
            if (seen.Add(type))
            {
                Signatures(type).SelectMany(Ours).ToList().ForEach(left.Enqueue);
            }
        }
        return seen.SelectMany(Describe).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<Type> Signatures(Type type) => Members(type).SelectMany(m => m switch
    {
        MethodBase method => method.GetParameters().Select(p => p.ParameterType).Append((method as MethodInfo)?.ReturnType ?? typeof(void)),
        FieldInfo field => [field.FieldType],
        PropertyInfo property => [property.PropertyType],
        _ => [],
    });

    private static IEnumerable<Type> Ours(Type type) => (type.IsGenericType, type.HasElementType) switch
    {
        (true, _) => type.GetGenericArguments().SelectMany(Ours),
        (_, true) => Ours(type.GetElementType()!),
        _ => type.Namespace?.StartsWith("CollectorAgent.", StringComparison.Ordinal) == true ? [type] : [],
    };

    private static IEnumerable<MemberInfo> Members(Type type) => type.GetMembers(Declared).Where(m => m switch
    {
        MethodBase method => IsSeen(method) && !(method.IsSpecialName && method is MethodInfo && !method.Name.StartsWith("op_", StringComparison.Ordinal)),
        FieldInfo field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsSeen),
        _ => false,
    } && !m.Name.Contains('<', StringComparison.Ordinal));

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static IEnumerable<string> Describe(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var bases = type.GetInterfaces().Append(type.BaseType).Where(b => b is not null && b != typeof(object) && !type.IsEnum && !type.IsValueType);
        string inherits = string.Join(", ", bases.Select(b => Name(b!)).Order(StringComparer.Ordinal));
        return Members(type).Select(m => $"{type.FullName}.{Describe(m)}").Prepend($"{type.FullName}: {kind} {inherits}".TrimEnd());
    }

    private static string Describe(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        MethodInfo method => $"{(method.IsStatic ? "static " : "")}{method.Name}({Parameters(method)}): "
            + Name(method.ReturnType) + Mark(Nullability.Create(method.ReturnParameter)),
        PropertyInfo property => $"{property.Name}{{{string.Join(' ', property.GetAccessors().Select(Accessor))}}}: "
            + Name(property.PropertyType) + Mark(Nullability.Create(property)),
        FieldInfo { IsLiteral: true } field => string.Create(CultureInfo.InvariantCulture, $"{field.Name} = {field.GetRawConstantValue()}"),
        FieldInfo field => $"{field.Name}: {Name(field.FieldType)}",
        _ => throw new NotSupportedException(member.ToString()),
    };

    private static string Accessor(MethodInfo accessor) => accessor.Name.StartsWith("get_", StringComparison.Ordinal) ? "get"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? "init" : "set";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(p.IsOut ? "out " : "")}{Name(p.ParameterType)}{Mark(Nullability.Create(p))} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "null"}" : "")}")));

    // Of references; Name says it of values.
    private static string Mark(NullabilityInfo info) => !info.Type.IsValueType && info.ReadState == NullabilityState.Nullable ? "?" : "";

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Name(value) + "?";
        }
        if (type.HasElementType)
        {
            return Name(type.GetElementType()!) + (type.IsArray ? "[]" : "");
        }
        return type.IsGenericType
            ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : type.Name;
    }
}
